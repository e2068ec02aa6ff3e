import { type Attributes, type Context, context, type Link, type Span, SpanKind, trace } from "@opentelemetry/api";
import { errorTypeOf, recordFailure } from "./record-failure";

/** How a span is opened. */
export interface SpanOptions {
  /** INTERNAL unless said otherwise. */
  kind?: SpanKind;
  attributes?: Attributes;
  links?: Link[];
  /** Context whose span becomes the parent; the active one unless given. */
  parent?: Context;
  /** What `error.type` says of something thrown; errorTypeOf unless given. */
  errorType?: (thrown: unknown) => string;
}

/**
 * Runs `work` inside a span of its own, which is the active one meanwhile and is ended always. What `work` throws is
 * recorded in the span and thrown on.
 *
 * @param name low in cardinality: ids and sizes belong into attributes
 */
export async function withSpan<T>(
  name: string,
  {
    kind = SpanKind.INTERNAL,
    attributes = {},
    links = [],
    parent = context.active(),
    errorType = errorTypeOf,
  }: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = trace.getTracer("mcsv").startSpan(name, { kind, attributes, links }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    recordFailure(span, error, { type: errorType(error) });
    throw error;
  } finally {
    span.end();
  }
}
