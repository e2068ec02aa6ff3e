import { TwirpErrorCode } from "twirp-ts";
import { isTransientDatabaseError } from "../platform/postgres/is-transient";
import type { CallContext } from "../platform/twirp/call-context";
import { causeOf, isTwirpError, unavailable } from "../platform/twirp/errors";

/**
 * Asks the object store for something.
 *
 * @param signal ends the wait where the request supports it
 * @throws TwirpError unavailable when the store fails or cannot be reached; the signal's reason once it has fired
 */
export async function fromObjectStore<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    throw unavailable("the object store does not answer; try again", error);
  }
}

/**
 * Runs a call. A database that is down, restarting or overloaded makes the call unavailable, not broken; why it is
 * unavailable is for the log.
 *
 * @throws TwirpError unavailable; anything else as it is
 */
export async function answer<T>({ logger }: CallContext, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const failure = isDatabaseAway(error) ? unavailable("the database does not answer; try again", error) : error;
    if (isTwirpError(failure) && failure.code === TwirpErrorCode.Unavailable) {
      logger.warn(failure.msg, { error: causeOf(failure) });
    }
    throw failure;
  }
}

function isDatabaseAway(error: unknown): boolean {
  return !isTwirpError(error) && isTransientDatabaseError(error);
}
