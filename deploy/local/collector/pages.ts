import { Eta } from "eta";
import type { Context, Next } from "koa";
import type { JaegerTag, JaegerTrace } from "./jaeger-model";
import type { TraceStore, TraceSummary } from "./trace-store";
import { layOut } from "./waterfall";

const RECENT_TRACES = 100;
/** The pages carry no script and load nothing. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The pages for people: `/` lists the newest traces (`?service=` those of one service), `/trace/<id>` shows one. */
export function pages(store: TraceStore): (ctx: Context, next: Next) => Promise<void> {
  const eta = new Eta({ views: __dirname, cache: true });
  return async (ctx, next) => {
    const traceId = /^\/trace\/([0-9a-f]{1,32})$/i.exec(ctx.path)?.[1];
    if (ctx.path === "/") {
      const service = new URLSearchParams(ctx.querystring).get("service") || undefined;
      const traces = store.recent(RECENT_TRACES, service).map(toListRow);
      show(ctx, eta.render("./trace-list", { traces, services: store.services() }));
      return;
    }
    const trace = traceId === undefined ? undefined : store.get(traceId.toLowerCase().padStart(32, "0"));
    if (trace === undefined) {
      await next();
      return;
    }
    show(ctx, eta.render("./trace", toTracePage(trace)));
  };
}

function show(ctx: Context, html: string): void {
  ctx.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  ctx.type = "html";
  ctx.body = html;
}

function toListRow(summary: TraceSummary) {
  return {
    id: summary.traceId,
    started: toTime(summary.startTime),
    root: `${summary.root.service}: ${summary.root.operation}`,
    took: toDuration(summary.duration),
    spans: summary.spans,
    errors: summary.errors,
    services: summary.services.join(", "),
  };
}

function toTracePage(trace: JaegerTrace) {
  const { startTime, duration, rows } = layOut(trace);
  return {
    id: trace.traceID,
    started: toTime(startTime),
    took: toDuration(duration),
    services: [...new Set(rows.map(({ service }) => service))].join(", "),
    rows: rows.map(({ span, service, depth, isError, leftPercent, widthPercent }) => ({
      service,
      name: span.operationName,
      depth,
      error: isError,
      left: leftPercent.toFixed(3),
      width: widthPercent.toFixed(3),
      took: toDuration(span.duration),
      tags: [
        { key: "span", value: span.spanID },
        { key: "started", value: `+${toDuration(span.startTime - startTime)}` },
        ...span.tags,
        ...span.logs.map(({ timestamp, fields }) => ({
          key: `event +${toDuration(timestamp - startTime)}`,
          value: fields.map(toText).join(" "),
        })),
      ],
    })),
  };
}

function toText({ key, value }: JaegerTag): string {
  return `${key}=${value}`;
}

function toTime(microseconds: number): string {
  return new Date(microseconds / 1000).toISOString().replace("T", " ").slice(0, -1);
}

function toDuration(microseconds: number): string {
  if (microseconds < 1_000) {
    return `${microseconds} µs`;
  }
  return microseconds < 1_000_000 ? `${(microseconds / 1_000).toFixed(1)} ms` : `${(microseconds / 1e6).toFixed(2)} s`;
}
