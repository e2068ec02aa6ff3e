import { type TwirpError, TwirpErrorCode } from "twirp-ts";
import { internal, toError, twirpError } from "../errors";

/**
 * Maps what Node's HTTP client reports to a TwirpError that keeps it as its cause.
 *
 * A service that cannot be reached, or whose connection breaks, is `unavailable`. What is no HTTP, and requests that cannot be
 * sent, are `internal`.
 */
export function transportError(error: NodeJS.ErrnoException, target: string): TwirpError {
  const code = error.code ?? "";
  if (code.startsWith("HPE_")) {
    return twirpError(TwirpErrorCode.Internal, `${target} did not answer in HTTP`, { target }).withCause(error);
  }
  if (code.startsWith("ERR_") && !code.startsWith("ERR_TLS") && !code.startsWith("ERR_SSL")) {
    return internal(error);
  }
  const reason = code === "" ? error.message : code;
  return twirpError(TwirpErrorCode.Unavailable, `${target} cannot be reached: ${reason}`, { target }).withCause(error);
}

/** The TwirpError for an answer that came and makes no sense. */
export function undecodableAnswer(target: string, what: string, cause: unknown): TwirpError {
  return twirpError(TwirpErrorCode.Internal, `answer of ${target} ${what}`, { target }).withCause(toError(cause));
}

/** The TwirpError for an answer whose body is not the one that was sent; asking again may help. */
export function changedAnswer(target: string): TwirpError {
  return twirpError(TwirpErrorCode.Unavailable, `answer of ${target} was changed on its way`, { target });
}
