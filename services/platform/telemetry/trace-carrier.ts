import { type Context, context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";

/** Trace context as text, for what is stored and picked up later: W3C Trace Context headers by name. */
export type TraceCarrier = Record<string, string>;

/** The active trace context. Empty where nothing is traced. */
export function captureTrace(): TraceCarrier {
  const carrier: TraceCarrier = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}

/**
 * The context in which the carrier was captured: spans opened in it go on with that trace. An empty or malformed
 * carrier gives a context without a trace.
 */
export function contextFromCarrier(carrier: TraceCarrier): Context {
  return propagation.extract(ROOT_CONTEXT, carrier);
}

/** Trace id of the carrier, 32 hex digits, or "" when it has none. */
export function traceIdOf(carrier: TraceCarrier): string {
  return trace.getSpanContext(contextFromCarrier(carrier))?.traceId ?? "";
}
