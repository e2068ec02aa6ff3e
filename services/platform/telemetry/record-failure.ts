import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { ATTR_ERROR_TYPE } from "@opentelemetry/semantic-conventions";
import { describeError } from "../logging/describe-error";
import { redactText } from "../logging/redact";
import { blamedCause, isTwirpError, loggable } from "../twirp/errors";

/** How a failure is told where the error itself does not say it. */
export interface FailureWords {
  /** `error.type`, of few values; as {@link errorTypeOf} has it unless given. */
  readonly type?: string;
  /** For the span's status; the error's message unless given. */
  readonly message?: string;
}

/**
 * Puts into a span why its work failed: the status ERROR, `error.type`, and the event `exception` with type, message and stack of the
 * cause that a Twirp error keeps, else of the error. What the log leaves out of texts is left out here.
 */
export function recordFailure(
  span: Span,
  thrown: unknown,
  { type = errorTypeOf(thrown), message }: FailureWords = {},
): void {
  if (!span.isRecording()) {
    return;
  }
  const { type: name, message: text, stack } = describeError(loggable(thrown));
  span.recordException({ name, message: text, ...(stack !== undefined && { stack }) });
  span.setAttribute(ATTR_ERROR_TYPE, type);
  span.setStatus({
    code: SpanStatusCode.ERROR,
    message: message === undefined ? describeError(thrown).message : redactText(message),
  });
}

/** What went wrong, in one word: what a Twirp error blames, else its code; of anything else its class. */
export function errorTypeOf(thrown: unknown): string {
  return isTwirpError(thrown) ? (blamedCause(thrown.meta) ?? thrown.code) : describeError(thrown).type;
}
