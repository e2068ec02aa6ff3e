import { SpanKind } from "@opentelemetry/api";
import { captureTrace, type TraceCarrier } from "../telemetry/trace-carrier";
import { withSpan } from "../telemetry/with-span";

/** What is stored with a job. */
export interface JobPayload<T> {
  /** What the job is about; JSON. */
  data: T;
  /** Trace of whoever enqueued it. */
  trace: TraceCarrier;
  /** Hash of what the job's idempotency key stands for. */
  contentHash?: string;
}

/** A job to enqueue. */
export interface NewJob {
  /** Id (UUID), unique in its queue. */
  id: string;
  /** What the job is about; JSON. No text in it may hold NUL, which Postgres refuses. */
  data: object;
  /** Hash of what the job's idempotency key stands for, kept with the job. */
  contentHash?: string;
}

/** Runs `send` in a producer span, and hands it the payload that carries that span to the worker. */
export function withPayload<R>(
  queue: string,
  { id, data, contentHash }: NewJob,
  send: (payload: JobPayload<object>) => Promise<R>,
): Promise<R> {
  return withSpan(
    `send ${queue}`,
    { kind: SpanKind.PRODUCER, attributes: messagingAttributes(queue, id, "send") },
    () => send({ data, trace: captureTrace(), ...(contentHash !== undefined && { contentHash }) }),
  );
}

/** Attributes of a span about one job (OpenTelemetry semantic conventions, messaging). */
export function messagingAttributes(queue: string, id: string, operation: "send" | "process") {
  return { ...operationAttributes(queue, operation), "messaging.message.id": id };
}

/** Attributes of a span about a queue (OpenTelemetry semantic conventions, messaging). */
export function operationAttributes(queue: string, operation: "send" | "process" | "settle") {
  return {
    "messaging.system": MESSAGING_SYSTEM,
    "messaging.operation.type": operation,
    "messaging.operation.name": operation,
    "messaging.destination.name": queue,
  };
}

/** `messaging.system` of all our spans. */
export const MESSAGING_SYSTEM = "pg-boss";
