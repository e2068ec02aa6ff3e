import { setTimeout as delay } from "node:timers/promises";
import { context, propagation, ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { recordFailure } from "../../platform/telemetry/record-failure";
import { type Subject, subjectAttributes } from "../../platform/telemetry/subject";
import { withSpan } from "../../platform/telemetry/with-span";
import { resolveCollector } from "./collector";
import { LateExporter } from "./late-exporter";

/** Name of the CLI among the services of a trace. */
const SERVICE_NAME = "cli";

/** How long a command waits at its end until the collector has its spans, in milliseconds. */
const PATIENCE_MS = 2_000;

/** Spans are sent while a command waits for something, so that little is left for its end. */
const SEND_AFTER_MS = 500;

/** Tracing of the commands that start flows. */
export interface Tracing {
  /** Sends what is left, if the collector takes it soon, and stops. Never rejects: no command fails because of its telemetry. */
  close(): Promise<void>;
}

/**
 * Starts tracing in this process, unless `OTEL_SDK_DISABLED` is true. Where no collector is known the spans go nowhere, and those of the
 * services still make one trace of a flow.
 *
 * @param projectDirectory checkout whose stack is meant, where the environment names none
 * @throws UsageError when MCSV_PORT_OFFSET is no offset
 */
export async function startTracing(env: NodeJS.ProcessEnv, projectDirectory: string): Promise<Tracing> {
  if (env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() === "true") {
    return { close: () => Promise.resolve() };
  }
  const collector = resolveCollector(env, projectDirectory);
  // Loaded only by the commands that trace.
  const [{ BatchSpanProcessor, TracerProvider }, { resourceFromAttributes }, { AsyncLocalStorageContextManager }] =
    await Promise.all([
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/context-async-hooks"),
    ]);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": SERVICE_NAME }),
    spanProcessors:
      collector === undefined
        ? []
        : [new BatchSpanProcessor({ exporter: new LateExporter(collector), scheduledDelayMillis: SEND_AFTER_MS })],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return {
    async close() {
      const over = new AbortController();
      const late = delay(PATIENCE_MS, undefined, { signal: over.signal });
      await Promise.race([provider.shutdown(), late]).catch(() => undefined);
      over.abort();
      late.catch(() => undefined);
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

/** One thing that a command does, from its first call to its outcome. */
export interface Flow {
  /** 32 hexadecimal digits; undefined when nothing is traced. */
  readonly traceId: string | undefined;
  /** Notes what it is about. */
  isAbout(subject: Subject): void;
  /** Notes why it failed. */
  failed(error: unknown): void;
}

/** Runs `work` as a trace of its own: the services go on with it, until the last callback. */
export function inFlow<T>(name: string, work: (flow: Flow) => Promise<T>): Promise<T> {
  return withSpan(name, { parent: ROOT_CONTEXT }, (span) => {
    const spanContext = span.spanContext();
    return work({
      traceId: trace.isSpanContextValid(spanContext) ? spanContext.traceId : undefined,
      isAbout: (subject) => span.setAttributes(subjectAttributes(subject)),
      failed: (error) => recordFailure(span, error),
    });
  });
}

/**
 * Runs calls that only look whether something has happened. They belong to the trace, whose id their log lines have, and leave no
 * spans: many times as many as there are others, they would hide them.
 */
export function withoutSpans<T>(work: () => T): T {
  const active = trace.getActiveSpan()?.spanContext();
  return active === undefined
    ? work()
    : context.with(trace.setSpanContext(context.active(), { ...active, traceFlags: TraceFlags.NONE }), work);
}
