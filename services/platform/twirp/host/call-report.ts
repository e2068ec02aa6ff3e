import type { Span } from "@opentelemetry/api";
import type { Logger } from "winston";
import { KEPT } from "../../logging/create-logger";
import type { ServerCallMetrics } from "../call-metrics";
import { recordOutcome } from "./server-span";
import type { WireError } from "./wire-error";

/** A call that has ended. */
export interface EndedCall {
  readonly span: Span | undefined;
  /** Its lines name the method. */
  readonly logger: Logger;
  /** Full name of the method, `_OTHER` for what is none. */
  readonly method: string;
  /** What was answered instead of a message; undefined when the call succeeded. */
  readonly error: Pick<WireError, "code" | "msg"> | undefined;
  /** What made it fail, for the trace. */
  readonly thrown: unknown;
  /** When it began, by `performance.now()`. */
  readonly startedMs: number;
  /** Size of the body that was read. */
  readonly requestBytes: number;
  /** Size of the body of the answer; 0 when nobody waited for one. */
  readonly responseBytes: number;
}

/**
 * Tells how a call went: to its span, to the metrics and to the access log. That has one line for each call, which is kept, whatever part of
 * the traces is logged, when the call failed.
 */
export function reportCall(metrics: ServerCallMetrics, call: EndedCall): void {
  const { span, logger, method, error, requestBytes, responseBytes } = call;
  const durationMs = performance.now() - call.startedMs;
  recordOutcome(span, error, call.thrown);
  metrics.record({ method, errorCode: error?.code, seconds: durationMs / 1000 });
  logger.info("call", {
    code: error?.code ?? "ok",
    ...(error === undefined ? {} : { error_message: error.msg, [KEPT]: true }),
    duration_ms: Math.round(durationMs * 10) / 10,
    request_bytes: requestBytes,
    response_bytes: responseBytes,
  });
}
