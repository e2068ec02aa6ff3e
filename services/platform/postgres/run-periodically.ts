import type { ClientBase, Pool } from "pg";
import { pause } from "../lifecycle/pause";
import type { Logger } from "../logging/create-logger";

/** What is done again and again. */
export interface PeriodicOptions {
  pool: Pool;
  /** Names it in the log, and among the processes that share the database: one of them does it at a time. */
  name: string;
  /** Time between two runs; the first comes after a tenth of it at most. */
  intervalMs: number;
  logger: Logger;
  /** Does it; an error is logged, and the next run comes all the same. */
  run: (client: ClientBase, signal: AbortSignal) => Promise<void>;
}

/** Something that is done again and again. */
export interface Periodic {
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** For a service without queues, which has no startCron: does something at intervals, in one process at a time. */
export function runPeriodically({ pool, name, intervalMs, logger, run }: PeriodicOptions): Periodic {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loop = async () => {
    // At random, so that replicas that start together take turns rather than wait for each other.
    await pause((Math.random() * intervalMs) / 10, signal);
    while (!signal.aborted) {
      const unlessStopped = async (client: ClientBase) => {
        // The wait for a connection may have been long.
        if (!signal.aborted) {
          await run(client, signal);
        }
      };
      await runAlone(pool, name, unlessStopped).catch((error: unknown) => {
        logger.warn(`${name} failed, and is tried again later`, { error });
      });
      await pause(intervalMs, signal);
    }
  };
  const done = loop();
  return {
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

/** Runs it unless another process does; the lock goes with the connection. */
async function runAlone(pool: Pool, name: string, run: (client: ClientBase) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  let broken = true;
  try {
    const lock = await client.query<{ free: boolean }>("SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS free", [
      name,
    ]);
    if (lock.rows[0]?.free === true) {
      await run(client);
      await client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [name]);
    }
    broken = false;
  } finally {
    // One that may still hold the lock is not used again.
    client.release(broken);
  }
}
