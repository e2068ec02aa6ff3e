import { type Attributes, type Context, context, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

/** How a span is opened. */
export interface SpanOptions {
  /** INTERNAL unless said otherwise. */
  kind?: SpanKind;
  attributes?: Attributes;
  /** Context whose span becomes the parent; the active one unless given. */
  parent?: Context;
}

/**
 * Runs `work` inside a span of its own, which is the active one meanwhile and is ended always. What `work` throws is
 * recorded in the span and thrown on.
 *
 * @param name low in cardinality: ids and sizes belong into attributes
 */
export async function withSpan<T>(
  name: string,
  { kind = SpanKind.INTERNAL, attributes = {}, parent = context.active() }: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = trace.getTracer("mcsv").startSpan(name, { kind, attributes }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    recordError(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function recordError(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  span.recordException(error instanceof Error ? error : message);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
