import { context, ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags, trace } from "@opentelemetry/api";
import { withSpan } from "../telemetry/with-span";
import { operationAttributes } from "./job-payload";
import type { Settlement } from "./settle";

/**
 * Runs the transaction that records how attempts ended in a span with a link to each of them. It belongs to the trace of the first
 * that is recorded: in a trace of its own it would be one more for every few jobs, and the others of the batch lead to it all the same.
 * Where none is recorded there is no span. The transaction's statements leave none either: the span says how long they took.
 */
export function inSettleSpan<R>(queue: string, batch: readonly Settlement[], work: () => Promise<R>): Promise<R> {
  const attempts = batch.flatMap(({ span }) => (span !== undefined && isRecorded(span) ? [span] : []));
  const [first] = attempts;
  if (first === undefined) {
    return work();
  }
  const attributes = {
    ...operationAttributes(queue, "settle"),
    "messaging.batch.message_count": batch.length,
  };
  const links = attempts.map((attempt) => ({ context: attempt }));
  const parent = trace.setSpanContext(ROOT_CONTEXT, first);
  return withSpan(`settle ${queue}`, { kind: SpanKind.CLIENT, attributes, links, parent }, () =>
    context.with(ROOT_CONTEXT, work),
  );
}

function isRecorded({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}
