import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../logging/create-logger";
import { errorMessage } from "../logging/describe-error";

/** How {@link waitFor} waits. */
export interface WaitOptions {
  readonly logger: Logger;
  /** Ends the waiting; give `lifecycle.stopping`. */
  readonly signal: AbortSignal;
  /** Pause after the first failure; doubles with each further one. Default 100. */
  readonly initialDelayMs?: number;
  /** Longest pause. Default 2000. */
  readonly maxDelayMs?: number;
  /** Time that one attempt may take. Default 5000. */
  readonly attemptTimeoutMs?: number;
  /** Whether waiting helps against an error; another one is thrown at once. Default: against every error. */
  readonly isTransient?: (error: unknown) => boolean;
}

/**
 * Waits until a dependency answers, with exponential backoff and jitter, for as long as it takes. A failure is logged when it
 * is another than the one before.
 *
 * @param what name of the dependency, such as "postgres"
 * @param probe resolves when the dependency answers; its signal aborts when the attempt has taken too long
 * @throws the signal's reason when the signal aborts; an error that is not transient
 */
export async function waitFor(
  what: string,
  probe: (signal: AbortSignal) => Promise<void>,
  options: WaitOptions,
): Promise<void> {
  const { logger, signal, initialDelayMs = 100, maxDelayMs = 2_000, attemptTimeoutMs = 5_000 } = options;
  let lastReason = "";
  for (let failures = 0; ; failures++) {
    signal.throwIfAborted();
    try {
      await attempt(probe, signal, attemptTimeoutMs);
      if (failures > 0) {
        logger.info(`${what} answers`, { failures });
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (options.isTransient?.(error) === false && !isTimeUp(error)) {
        throw error;
      }
      const reason = errorMessage(error);
      if (reason !== lastReason) {
        logger.warn(`waiting for ${what}: ${reason}`, { failures: failures + 1 });
        lastReason = reason;
      }
    }
    const longest = Math.min(maxDelayMs, initialDelayMs * 2 ** Math.min(failures, 30));
    await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal });
  }
}

/** One attempt; it fails in time even when the probe does not heed its signal. */
async function attempt(
  probe: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> {
  const limit = new AbortController();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => limit.abort(new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError")),
    timeoutMs,
  );
  const either = AbortSignal.any([signal, limit.signal]);
  either.addEventListener("abort", () => reject(either.reason), { once: true });
  try {
    await Promise.race([probe(either), aborted]);
  } finally {
    clearTimeout(timer);
  }
}

function isTimeUp(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}
