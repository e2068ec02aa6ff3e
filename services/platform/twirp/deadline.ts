import { malformed } from "./errors";

/** Request header with the milliseconds that the caller still waits. */
export const TIMEOUT_HEADER = "x-twirp-timeout-ms";

/**
 * The time a call may take.
 *
 * @param header Value of `x-twirp-timeout-ms`, if the request has it.
 * @param maxDeadlineMs The server's maximum, which also holds without a header.
 * @returns Milliseconds, 0 when the caller's time is over.
 * @throws TwirpError `malformed` when the header is no whole number.
 */
export function timeoutOf(header: string | string[] | undefined, maxDeadlineMs: number): number {
  if (header === undefined) {
    return maxDeadlineMs;
  }
  if (typeof header !== "string" || !/^\d+$/.test(header)) {
    throw malformed(`header ${TIMEOUT_HEADER} must be a whole number of milliseconds`);
  }
  return Math.min(Number(header), maxDeadlineMs);
}
