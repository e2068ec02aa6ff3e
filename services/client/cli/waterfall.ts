import { styleText } from "node:util";
import type { JaegerTrace } from "./jaeger";
import { formatMs } from "./output";

type Span = JaegerTrace["spans"][number];

/** What a trace is about, in numbers. */
export interface TraceSummary {
  readonly traceId: string;
  readonly spans: number;
  /** Names of the services, in order of their first span. */
  readonly services: readonly string[];
  /** Spans whose parent is not there: one when the trace is whole. */
  readonly roots: number;
  readonly durationMs: number;
  readonly errors: number;
}

/** How to draw. */
export interface WaterfallOptions {
  readonly columns: number;
  readonly colour: boolean;
}

const COLOURS = ["cyan", "green", "yellow", "magenta", "blue", "red"] as const;
const SMALLEST_BAR_COLUMNS = 20;

/** Counts the spans, services and errors of a trace. */
export function summarizeTrace(trace: JaegerTrace): TraceSummary {
  const spans = trace.spans.toSorted((a, b) => a.startTime - b.startTime);
  const { start, end } = bounds(spans);
  return {
    traceId: trace.traceID,
    spans: spans.length,
    services: [...new Set(spans.map((span) => serviceOf(trace, span)))],
    roots: (childrenOf(spans).get(ROOT) ?? []).length,
    durationMs: (end - start) / 1000,
    errors: spans.filter(isError).length,
  };
}

/** Draws a trace: one line a span, children below their parent, a bar where it was in time. */
export function renderWaterfall(trace: JaegerTrace, { columns, colour }: WaterfallOptions): string {
  const summary = summarizeTrace(trace);
  const { start, end } = bounds(trace.spans);
  const rows = depthFirst(trace.spans);
  const labels = rows.map(({ span, depth }) => `${" ".repeat(depth)}${serviceOf(trace, span)}: ${shortName(span)}`);
  const width = Math.max(SMALLEST_BAR_COLUMNS, Math.floor(columns / 3));
  const labelWidth = Math.max(10, columns - width - 12);
  const lines = rows.map(({ span }, index) => {
    const from = Math.floor(((span.startTime - start) / Math.max(1, end - start)) * (width - 1));
    const length = Math.max(1, Math.round((span.duration / Math.max(1, end - start)) * width));
    const bar = `${" ".repeat(from)}${"█".repeat(Math.min(length, width - from))}`.padEnd(width);
    const painted = colour ? styleText(colourOf(summary, serviceOf(trace, span)), bar) : bar;
    const mark = isError(span) ? " !" : "";
    return `${fitTo(labels[index] ?? "", labelWidth)} ${painted} ${formatMs(span.duration / 1000)}${mark}`.trimEnd();
  });
  const errors = summary.errors === 0 ? "no errors" : `${summary.errors} with errors`;
  const head = `trace ${summary.traceId}: ${summary.spans} spans, ${errors}, ${formatMs(summary.durationMs)}`;
  return [head, `services: ${summary.services.join(", ")}`, ...lines].join("\n");
}

/** Stands for the parent of spans whose parent is not there. */
const ROOT = "";

/** Spans by the id of their parent, each list in order of time. */
function childrenOf(spans: readonly Span[]): Map<string, Span[]> {
  const known = new Set(spans.map(({ spanID }) => spanID));
  return Map.groupBy(
    spans.toSorted((a, b) => a.startTime - b.startTime),
    (span) => parentOf(span, known) ?? ROOT,
  );
}

function depthFirst(spans: readonly Span[]): { span: Span; depth: number }[] {
  const children = childrenOf(spans);
  const rows: { span: Span; depth: number }[] = [];
  const pending = (children.get(ROOT) ?? []).toReversed().map((span) => ({ span, depth: 0 }));
  for (let row = pending.pop(); row !== undefined; row = pending.pop()) {
    rows.push(row);
    const depth = row.depth + 1;
    pending.push(...(children.get(row.span.spanID) ?? []).toReversed().map((span) => ({ span, depth })));
  }
  return rows;
}

function bounds(spans: readonly Span[]): { start: number; end: number } {
  return spans.reduce(
    ({ start, end }, span) => ({
      start: Math.min(start, span.startTime),
      end: Math.max(end, span.startTime + span.duration),
    }),
    { start: Number.POSITIVE_INFINITY, end: Number.NEGATIVE_INFINITY },
  );
}

/** The parent of a span, where it is known. Of a parent that a span is linked to as well, Jaeger tells the link alone (FOLLOWS_FROM). */
function parentOf({ references }: Span, known: ReadonlySet<string>): string | undefined {
  const present = references.filter(({ spanID }) => known.has(spanID));
  return (present.find(({ refType }) => refType === "CHILD_OF") ?? present[0])?.spanID;
}

function isError(span: Span): boolean {
  return span.tags.some(({ key, value }) => key === "error" && (value === true || value === "true"));
}

function serviceOf(trace: JaegerTrace, span: Span): string {
  return trace.processes[span.processID]?.serviceName ?? "?";
}

function colourOf(summary: TraceSummary, service: string): (typeof COLOURS)[number] {
  return COLOURS[summary.services.indexOf(service) % COLOURS.length] ?? "cyan";
}

/** Names of RPCs without their package, which is the same for all. */
function shortName({ operationName }: Span): string {
  return operationName.replace(/^mcsv\.v1\./, "");
}

function fitTo(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
