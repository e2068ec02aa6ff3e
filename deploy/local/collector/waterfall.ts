import type { JaegerSpan, JaegerTrace } from "./jaeger-model";

/** A span in the order and place in which a waterfall shows it. */
interface WaterfallRow {
  span: JaegerSpan;
  service: string;
  /** How many known ancestors it has. */
  depth: number;
  isError: boolean;
  /** Start after the trace's start and length, in percent of the trace's length. */
  leftPercent: number;
  widthPercent: number;
}

/** A trace laid out from its earliest start to its latest end; microseconds. */
export interface Waterfall {
  startTime: number;
  duration: number;
  rows: WaterfallRow[];
}

/** Lays out a trace: children below their parents, siblings by start; a span whose parent is unknown begins a tree. */
export function layOut({ spans, processes }: JaegerTrace): Waterfall {
  const startTime = Math.min(...spans.map((span) => span.startTime));
  const duration = Math.max(...spans.map((span) => span.startTime + span.duration)) - startTime;
  const byStart = [...spans].sort((a, b) => a.startTime - b.startTime);
  const known = new Set(spans.map(({ spanID }) => spanID));
  const children = Map.groupBy(byStart, (span) => {
    const parent = parentOf(span);
    return parent !== undefined && known.has(parent) ? parent : "";
  });
  const rows: WaterfallRow[] = [];
  const seen = new Set<string>();
  // A stack of our own: a trace may be thousands of spans deep.
  const pending = (children.get("") ?? []).toReversed().map((span) => ({ span, depth: 0 }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { span, depth } = next;
    seen.add(span.spanID);
    rows.push(toRow(span, depth));
    pending.push(...(children.get(span.spanID) ?? []).toReversed().map((child) => ({ span: child, depth: depth + 1 })));
  }
  // Spans that are each other's ancestors hang below no root.
  rows.push(...byStart.filter(({ spanID }) => !seen.has(spanID)).map((span) => toRow(span, 0)));
  return { startTime, duration, rows };

  function toRow(span: JaegerSpan, depth: number): WaterfallRow {
    const percent = (microseconds: number) => (duration === 0 ? 0 : (100 * microseconds) / duration);
    return {
      span,
      service: processes[span.processID]?.serviceName ?? "",
      depth,
      isError: span.tags.some(({ key, value }) => key === "error" && value === true),
      leftPercent: percent(span.startTime - startTime),
      widthPercent: percent(span.duration),
    };
  }
}

function parentOf({ references }: JaegerSpan): string | undefined {
  return references.find(({ refType }) => refType === "CHILD_OF")?.spanID;
}
