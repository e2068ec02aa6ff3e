import { TwirpErrorCode } from "twirp-ts";
import { isTwirpError } from "../twirp/errors";
import { PermanentError } from "./permanent-error";

/** Why an attempt failed, as it is stored with the job and shown: no stack, no internals. */
export interface JobFailure {
  /** Twirp error code. */
  code: string;
  /** For a person. */
  message: string;
  /** What was at fault, such as "object_store_timeout", where that is known: a called service says so in meta.cause. */
  cause?: string;
}

/**
 * Codes of a called service that another attempt would get again, for they are about the job. `bad_route`, `unimplemented`,
 * `malformed` and `unauthenticated` are not: they tell of a wrong URL, of versions or keys that are being rolled out, of bytes
 * that broke on their way, and the same job succeeds once that is put right.
 */
const PERMANENT: ReadonlySet<TwirpErrorCode> = new Set([
  TwirpErrorCode.InvalidArgument,
  TwirpErrorCode.NotFound,
  TwirpErrorCode.AlreadyExists,
  TwirpErrorCode.PermissionDenied,
  TwirpErrorCode.FailedPrecondition,
  TwirpErrorCode.OutOfRange,
  TwirpErrorCode.DataLoss,
]);

/** A service that asks for more is asked again after this. */
const MAX_SNOOZE_MS = 3_600_000;

/** A cause is a name, not a text. */
const CAUSE = /^[a-z][a-z0-9_]{0,63}$/;
/** Longest message that is kept. */
const MAX_MESSAGE_CHARACTERS = 1_000;
/** What jsonb refuses or text cannot carry: NUL and halves of surrogate pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
const UNSTORABLE = /[\u0000\p{Cs}]/gu;

/**
 * What is to be known of something a job's handler threw. Twirp errors and {@link PermanentError} speak for
 * themselves; of anything else only that it happened is told, and the log has the rest.
 */
export function failureOf(thrown: unknown): JobFailure {
  if (thrown instanceof PermanentError) {
    return storable(thrown.code, thrown.message, undefined);
  }
  if (isTwirpError(thrown)) {
    return storable(thrown.code, thrown.msg, thrown.meta?.["cause"]);
  }
  return { code: TwirpErrorCode.Internal, message: "internal error" };
}

/** Whether another attempt would meet the same: a {@link PermanentError}, or a Twirp error that says so. */
export function isPermanent(thrown: unknown): boolean {
  if (thrown instanceof PermanentError) {
    return true;
  }
  return isTwirpError(thrown) && (PERMANENT.has(thrown.code) || thrown.meta?.["permanent"] === "true");
}

/**
 * Whether a called service says that it is full and takes the job later, rather than that the job failed:
 * `resource_exhausted`, unless `meta.permanent` says that the job itself is too large.
 *
 * @returns how long the service asks to be left alone (`meta.retry_after_ms`), 0 where it does not say; undefined when it
 *   says something else
 */
export function fullForMs(thrown: unknown): number | undefined {
  if (!isTwirpError(thrown) || thrown.code !== TwirpErrorCode.ResourceExhausted || isPermanent(thrown)) {
    return undefined;
  }
  const asked = Number(thrown.meta?.["retry_after_ms"] ?? 0);
  return Number.isFinite(asked) ? Math.min(Math.max(0, asked), MAX_SNOOZE_MS) : 0;
}

function storable(code: string, message: string, cause: unknown): JobFailure {
  return {
    code,
    message: message.slice(0, MAX_MESSAGE_CHARACTERS).replace(UNSTORABLE, "\uFFFD"),
    ...(typeof cause === "string" && CAUSE.test(cause) && { cause }),
  };
}
