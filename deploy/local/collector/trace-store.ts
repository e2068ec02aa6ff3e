import type { JaegerProcess, JaegerTrace } from "./jaeger-model";
import type { StoredSpan } from "./stored-span";
import { matches, type TraceQuery } from "./trace-query";

/** Bounds of what is kept; beyond them the oldest traces go. */
export interface TraceStoreLimits {
  maxTraces: number;
  /** Over all traces; one trace may hold a tenth of it. A span takes two to three kilobytes. */
  maxSpans: number;
}

/** A trace in short, for lists. */
export interface TraceSummary {
  traceId: string;
  /** Name of the span that all others descend from, as far as it has arrived. */
  root: { service: string; operation: string };
  /** Microseconds since 1970. */
  startTime: number;
  /** From the first start to the last end, in microseconds. */
  duration: number;
  spans: number;
  errors: number;
  /** Sorted. */
  services: string[];
}

interface StoredTrace {
  traceId: string;
  spans: Map<string, StoredSpan>;
  dropped: number;
}

/** Spans in memory, by trace. */
export class TraceStore {
  /** In order of first arrival, so that the first is the oldest. */
  readonly #traces = new Map<string, StoredTrace>();
  readonly #limits: TraceStoreLimits;
  #spanCount = 0;

  constructor(limits: TraceStoreLimits) {
    this.#limits = limits;
  }

  /** Adds spans, in any order. A span that is sent again replaces itself: exporters repeat what was not confirmed. */
  add(spans: Iterable<StoredSpan>): void {
    for (const span of spans) {
      this.#addOne(span);
    }
    for (const [traceId, { spans: kept }] of this.#traces) {
      if (this.#traces.size <= this.#limits.maxTraces && this.#spanCount <= this.#limits.maxSpans) {
        break;
      }
      this.#traces.delete(traceId);
      this.#spanCount -= kept.size;
    }
  }

  /** The trace, or undefined where it never arrived or was dropped for newer ones. */
  get(traceId: string): JaegerTrace | undefined {
    const trace = this.#traces.get(traceId);
    return trace === undefined ? undefined : toJaegerTrace(trace);
  }

  /** Traces that have a span which meets the query, newest first. */
  find(query: TraceQuery): JaegerTrace[] {
    return this.#newestFirst()
      .filter(({ spans }) => [...spans.values()].some((span) => matches(span, query)))
      .slice(0, query.limit)
      .map(toJaegerTrace);
  }

  /** The newest traces in short, of one service or of all. */
  recent(limit: number, service?: string): TraceSummary[] {
    return this.#newestFirst()
      .filter(({ spans }) => service === undefined || [...spans.values()].some((span) => serviceOf(span) === service))
      .slice(0, limit)
      .map(summarize);
  }

  /** Names of all services that have a span, sorted. */
  services(): string[] {
    return [...new Set(this.#allSpans().map(serviceOf))].sort();
  }

  /** Distinct names of a service's spans with their kinds, sorted by name; of one kind only, unless it is "". */
  operations(service: string, kind: string): { name: string; spanKind: string }[] {
    const found = new Map<string, { name: string; spanKind: string }>();
    for (const span of this.#allSpans()) {
      if (serviceOf(span) === service && (kind === "" || span.kind === kind)) {
        found.set(`${span.name}\0${span.kind}`, { name: span.name, spanKind: span.kind });
      }
    }
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** Calls from one service to another: spans whose parent belongs to another service, within a time range. */
  dependencies(startTime: number, endTime: number): { parent: string; child: string; callCount: number }[] {
    const links = new Map<string, { parent: string; child: string; callCount: number }>();
    for (const { spans } of this.#traces.values()) {
      for (const span of spans.values()) {
        const parentId = span.references.find(({ refType }) => refType === "CHILD_OF")?.spanID;
        const parentSpan = parentId === undefined ? undefined : spans.get(parentId);
        if (parentSpan === undefined || span.startTime < startTime || span.startTime > endTime) {
          continue;
        }
        const [parent, child] = [serviceOf(parentSpan), serviceOf(span)];
        if (parent !== child) {
          const link = links.get(`${parent}\0${child}`) ?? { parent, child, callCount: 0 };
          link.callCount += 1;
          links.set(`${parent}\0${child}`, link);
        }
      }
    }
    return [...links.values()];
  }

  #addOne(span: StoredSpan): void {
    let trace = this.#traces.get(span.traceId);
    if (trace === undefined) {
      trace = { traceId: span.traceId, spans: new Map(), dropped: 0 };
      this.#traces.set(span.traceId, trace);
    }
    const known = trace.spans.has(span.spanId);
    if (!known && trace.spans.size >= Math.max(1, this.#limits.maxSpans / 10)) {
      trace.dropped += 1;
      return;
    }
    trace.spans.set(span.spanId, span);
    this.#spanCount += known ? 0 : 1;
  }

  #newestFirst(): StoredTrace[] {
    return [...this.#traces.values()].sort((a, b) => startOf(b) - startOf(a));
  }

  #allSpans(): StoredSpan[] {
    return [...this.#traces.values()].flatMap(({ spans }) => [...spans.values()]);
  }
}

function serviceOf(span: StoredSpan): string {
  return span.process.serviceName;
}

function startOf({ spans }: StoredTrace): number {
  return [...spans.values()].reduce(
    (earliest, { startTime }) => Math.min(earliest, startTime),
    Number.POSITIVE_INFINITY,
  );
}

function toJaegerTrace({ traceId, spans, dropped }: StoredTrace): JaegerTrace {
  const ids = new Map<string, string>();
  const processes: Record<string, JaegerProcess> = {};
  const idOf = (process: JaegerProcess) => {
    const identity = JSON.stringify(process);
    let id = ids.get(identity);
    if (id === undefined) {
      id = `p${ids.size + 1}`;
      ids.set(identity, id);
      processes[id] = process;
    }
    return id;
  };
  return {
    traceID: traceId,
    spans: [...spans.values()].map((span) => ({
      traceID: span.traceId,
      spanID: span.spanId,
      operationName: span.name,
      references: span.references,
      startTime: span.startTime,
      duration: span.duration,
      tags: span.tags,
      logs: span.logs,
      processID: idOf(span.process),
      warnings: null,
    })),
    processes,
    warnings: dropped === 0 ? null : [`${dropped} more spans arrived and were dropped: the trace is too large`],
  };
}

function summarize(trace: StoredTrace): TraceSummary {
  const spans = [...trace.spans.values()].sort((a, b) => a.startTime - b.startTime);
  const startTime = startOf(trace);
  const end = spans.reduce((latest, span) => Math.max(latest, span.startTime + span.duration), 0);
  const root = spans.find(({ references }) => !references.some(({ refType }) => refType === "CHILD_OF")) ?? spans[0];
  return {
    traceId: trace.traceId,
    root: { service: root?.process.serviceName ?? "", operation: root?.name ?? "" },
    startTime,
    duration: end - startTime,
    spans: spans.length,
    errors: spans.filter(({ tags }) => tags.some(({ key, value }) => key === "error" && value === true)).length,
    services: [...new Set(spans.map(serviceOf))].sort(),
  };
}
