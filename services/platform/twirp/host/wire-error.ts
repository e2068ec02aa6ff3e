import { httpStatusFromErrorCode, type TwirpError, TwirpErrorCode } from "twirp-ts";
import { blamedCause, causeOf, INTERNAL_MESSAGE, isTwirpError } from "../errors";

/** An error as it goes to the caller. */
export interface WireError {
  readonly code: TwirpErrorCode;
  readonly msg: string;
  readonly meta: Readonly<Record<string, string>>;
}

/** What is to be told and what is to be logged of something thrown. */
export interface Verdict {
  readonly wire: WireError;
  /** True when nobody foresaw it: then `wire` says nothing but an id, and the log has the rest. */
  readonly unexpected: boolean;
}

/** Go's server cuts messages at this length too. */
const MAX_MESSAGE_CHARS = 1_000_000;

/**
 * Decides what the caller is told of something thrown.
 *
 * Twirp errors pass as they are, but for a `meta.cause` that is no name: twirp-ts puts messages of other errors there.
 * Anything else, codes that the specification does not know included, becomes `internal` with an id. So does an `internal`
 * error whose message is that of its cause: twirp-ts wraps unknown errors like that.
 *
 * @param newErrorId Makes the id under which the log has the error.
 */
export function judge(thrown: unknown, newErrorId: () => string): Verdict {
  const wire = foreseen(thrown);
  return wire === undefined ? { wire: unknownError(newErrorId()), unexpected: true } : { wire, unexpected: false };
}

function foreseen(thrown: unknown): WireError | undefined {
  try {
    if (!isTwirpError(thrown) || wrapsUnknown(thrown)) {
      return undefined;
    }
    return { code: thrown.code, msg: thrown.msg.slice(0, MAX_MESSAGE_CHARS), meta: wireMeta(thrown.meta) };
  } catch {
    // Its meta or cause throws when it is read.
    return undefined;
  }
}

/** HTTP status of an error code (Twirp v7, "Error Codes"). */
export function statusOf(code: TwirpErrorCode): number {
  return httpStatusFromErrorCode(code) || 500;
}

/**
 * The headers of an error response beside those of its body: how to authenticate, which HTTP demands of a 401 (RFC 9110,
 * section 15.5.2), and when to come back, in whole seconds (section 10.2.3).
 */
export function headersOf({ code, meta }: WireError): Record<string, string> {
  if (code === TwirpErrorCode.Unauthenticated) {
    return { "WWW-Authenticate": "Bearer" };
  }
  const retryAfterMs = Number(meta["retry_after_ms"]);
  return retryAfterMs > 0 ? { "Retry-After": String(Math.ceil(retryAfterMs / 1000)) } : {};
}

/** The body of an error response. */
export function encodeError(error: WireError): string {
  const { code, msg, meta } = error;
  return JSON.stringify(hasKeys(meta) ? { code, msg, meta } : { code, msg });
}

function unknownError(errorId: string): WireError {
  return { code: TwirpErrorCode.Internal, msg: INTERNAL_MESSAGE, meta: { error_id: errorId } };
}

function wrapsUnknown(error: TwirpError): boolean {
  if (error.code !== TwirpErrorCode.Internal) {
    return false;
  }
  if (error.msg === INTERNAL_MESSAGE) {
    // With an id it is the answer of another service of ours, whose log has it.
    return error.meta?.["error_id"] === undefined;
  }
  const cause = causeOf(error);
  return cause instanceof Error && cause.message === error.msg;
}

/** Meta is string to string in the specification; what is neither text, number nor boolean is left out. */
function wireMeta(meta: unknown): Record<string, string> {
  const result: Record<string, string> = {};
  if (typeof meta === "object" && meta !== null) {
    for (const [key, value] of Object.entries(meta)) {
      if (key === "cause" && blamedCause(meta) === undefined) {
        continue;
      }
      if (typeof value === "string") {
        result[key] = value;
      } else if (typeof value === "number" || typeof value === "boolean") {
        result[key] = String(value);
      }
    }
  }
  return result;
}

function hasKeys(meta: Readonly<Record<string, string>>): boolean {
  for (const _ in meta) {
    return true;
  }
  return false;
}
