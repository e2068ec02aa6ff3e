import type { Pool } from "pg";

/**
 * A health check: one round trip to the server on a connection of the pool.
 *
 * @returns a function that resolves when the server answered and rejects with why it did not, at the latest when its
 *   signal fires
 */
export function checkPool(pool: Pool): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    signal.throwIfAborted();
    let abort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
    });
    try {
      await Promise.race([pool.query("SELECT 1"), aborted]);
    } finally {
      if (abort !== undefined) {
        signal.removeEventListener("abort", abort);
      }
    }
  };
}
