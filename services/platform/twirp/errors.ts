import { isValidErrorCode, TwirpError, TwirpErrorCode } from "twirp-ts";

/** Extra facts about an error, for programs: string to string, as the Twirp specification has it. */
export type ErrorMeta = Readonly<Record<string, string>>;

/**
 * An argument that the method does not accept.
 *
 * @param argument Name of the field as the .proto file has it; goes into `meta.argument`.
 * @param message What is wrong with it, as a continuation of its name: "must not be empty".
 */
export function invalidArgument(argument: string, message: string): TwirpError {
  return twirpError(TwirpErrorCode.InvalidArgument, `${argument} ${message}`, { argument });
}

/** Something that was asked for does not exist. */
export function notFound(message: string, meta?: ErrorMeta): TwirpError {
  return twirpError(TwirpErrorCode.NotFound, message, meta);
}

/**
 * Something with the same key exists, and is not what was asked for.
 *
 * @param argument Name of the field that collides; goes into `meta.argument`.
 */
export function alreadyExists(argument: string, message: string): TwirpError {
  return twirpError(TwirpErrorCode.AlreadyExists, message, { argument });
}

/** The system is not in the state that the call needs, and will not be by repeating the call. */
export function failedPrecondition(message: string, meta?: ErrorMeta): TwirpError {
  return twirpError(TwirpErrorCode.FailedPrecondition, message, meta);
}

/**
 * A limit is reached. Repeating the call may help, unless `meta.permanent` is "true" (the message itself is too big); after
 * `meta.retry_after_ms` milliseconds where it is known when, which the host puts into the header Retry-After as well.
 */
export function resourceExhausted(message: string, meta?: ErrorMeta): TwirpError {
  return twirpError(TwirpErrorCode.ResourceExhausted, message, meta);
}

/**
 * Something that the call needs does not answer now; repeating the call may help.
 *
 * @param cause What happened, for the log; never put on the wire.
 */
export function unavailable(message: string, cause?: unknown): TwirpError {
  return withCause(twirpError(TwirpErrorCode.Unavailable, message), cause);
}

/** The caller is known, and may not do this. */
export function permissionDenied(message: string, meta?: ErrorMeta): TwirpError {
  return twirpError(TwirpErrorCode.PermissionDenied, message, meta);
}

/**
 * The caller does not prove who it is.
 *
 * @param cause What is wrong with its credential, for the log; never put on the wire.
 */
export function unauthenticated(message: string, cause?: unknown): TwirpError {
  return withCause(twirpError(TwirpErrorCode.Unauthenticated, message), cause);
}

/** The time that the caller or the server allows has passed. */
export function deadlineExceeded(message: string, meta?: ErrorMeta): TwirpError {
  return twirpError(TwirpErrorCode.DeadlineExceeded, message, meta);
}

/** The caller gave up. */
export function canceled(message: string, cause?: unknown): TwirpError {
  return withCause(twirpError(TwirpErrorCode.Canceled, message), cause);
}

/** The request cannot be decoded. */
export function malformed(message: string, cause?: unknown): TwirpError {
  return withCause(twirpError(TwirpErrorCode.Malformed, message), cause);
}

/**
 * Something broke that should not. The message says no more than that.
 *
 * @param cause What broke, for the log; never put on the wire.
 */
export function internal(cause: unknown): TwirpError {
  return withCause(twirpError(TwirpErrorCode.Internal, INTERNAL_MESSAGE), cause);
}

/** What was at fault, as `blame` says it: several words, so that hardly any message looks like one. */
const CAUSE_NAME = /^[a-z]+(?:_[a-z0-9]+)+$/;

/** All that the wire tells of an error that nobody foresaw. */
export const INTERNAL_MESSAGE = "internal error";

/** A Twirp error with any code, message and meta. */
export function twirpError(code: TwirpErrorCode, message: string, meta?: ErrorMeta): TwirpError {
  const error = new TwirpError(code, message);
  if (meta !== undefined) {
    for (const key of Object.keys(meta)) {
      error.withMeta(key, meta[key] ?? "");
    }
  }
  return error;
}

/**
 * Names what was at fault, in `meta.cause`: jobs keep it with their failures, and are searched by it.
 *
 * @param cause lower case words joined by "_": "object_store_timeout"
 */
export function blame(error: TwirpError, cause: string): TwirpError {
  return error.withMeta("cause", cause);
}

/**
 * Tells whether something thrown is a Twirp error with a code that the specification knows.
 *
 * By its shape, since subclasses of TwirpError lose their prototype and two copies of the library may be loaded.
 */
export function isTwirpError(thrown: unknown): thrown is TwirpError {
  try {
    if (typeof thrown !== "object" || thrown === null || !("code" in thrown) || !("msg" in thrown)) {
      return false;
    }
    return typeof thrown.msg === "string" && isErrorCode(thrown.code);
  } catch {
    // Its properties throw when they are read: whatever it is, it is no Twirp error.
    return false;
  }
}

/** The code of a Twirp error; `internal` for anything else, which is what the host makes of it. */
export function codeOf(thrown: unknown): TwirpErrorCode {
  return isTwirpError(thrown) ? thrown.code : TwirpErrorCode.Internal;
}

/** What {@link blame} says was at fault; undefined where nobody said, and for what is no name: twirp-ts puts messages of other errors there. */
export function blamedCause(meta: unknown): string | undefined {
  const cause = typeof meta === "object" && meta !== null && "cause" in meta ? meta.cause : undefined;
  return typeof cause === "string" && CAUSE_NAME.test(cause) ? cause : undefined;
}

/** What log and trace are to have: the cause that a TwirpError keeps, else what was thrown. */
export function loggable(thrown: unknown): unknown {
  return isTwirpError(thrown) ? (causeOf(thrown) ?? thrown) : (thrown ?? toError(thrown));
}

/** The error behind a Twirp error, if it keeps one. */
export function causeOf(error: TwirpError): unknown {
  return typeof error.cause === "function" ? error.cause() : error.cause;
}

/** Codes that are the server's failure and not the caller's, as the conventions for RPC spans divide them. */
export function isServerFault(code: TwirpErrorCode): boolean {
  switch (code) {
    case TwirpErrorCode.Unknown:
    case TwirpErrorCode.DeadlineExceeded:
    case TwirpErrorCode.Unimplemented:
    case TwirpErrorCode.Internal:
    case TwirpErrorCode.Unavailable:
    case TwirpErrorCode.DataLoss:
      return true;
    default:
      return false;
  }
}

function isErrorCode(code: unknown): code is TwirpErrorCode {
  return typeof code === "string" && isValidErrorCode(code as TwirpErrorCode);
}

function withCause(error: TwirpError, cause: unknown): TwirpError {
  return cause === undefined ? error : error.withCause(toError(cause));
}

/** Makes an Error of anything that was thrown. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) {
    return thrown;
  }
  return new Error(`thrown value that is no Error: ${describe(thrown)}`);
}

function describe(thrown: unknown): string {
  try {
    return typeof thrown === "object" && thrown !== null ? (JSON.stringify(thrown) ?? "object") : String(thrown);
  } catch (failure) {
    return `${typeof thrown} that cannot be printed (${failure instanceof Error ? failure.name : typeof failure})`;
  }
}
