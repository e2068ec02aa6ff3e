import type { Pool } from "pg";

/** How long a count is good for. Jobs that this process adds in between are counted as they come. */
const COUNT_TTL_MS = 500;

interface Count {
  /** Jobs that waited when they were counted, no more than the limit. */
  waiting: Promise<number>;
  countedAt: number;
  /** Places taken by this process since. */
  taken: number;
}

/**
 * Knows whether a queue is as long as it may be.
 *
 * Counting costs time with the number of jobs, so it is done at most twice a second, and no further than to the limit:
 * replicas together may exceed the limit by what they add in half a second.
 */
export class QueueDepth {
  readonly #pool: Pool;
  readonly #counts = new Map<string, Count>();
  /** Most jobs that may wait in a queue, scheduled ones and those that wait for a retry included. */
  readonly max: number;

  constructor(pool: Pool, max: number) {
    this.#pool = pool;
    this.max = max;
  }

  /**
   * Takes the place of a job that is about to be added.
   *
   * @returns gives the place back, for a job that was not added after all; undefined when there is none
   */
  async takePlace(queue: string): Promise<(() => void) | undefined> {
    const count = this.#count(queue);
    const waiting = await count.waiting;
    if (waiting + count.taken >= this.max) {
      return undefined;
    }
    count.taken++;
    return () => {
      count.taken--;
    };
  }

  #count(queue: string): Count {
    const latest = this.#counts.get(queue);
    if (latest !== undefined && Date.now() - latest.countedAt < COUNT_TTL_MS) {
      return latest;
    }
    const count: Count = { waiting: this.#countWaiting(queue), countedAt: Date.now(), taken: 0 };
    this.#counts.set(queue, count);
    // Whoever waits for it gets the error; the next one counts again.
    count.waiting.catch(() => {
      if (this.#counts.get(queue) === count) {
        this.#counts.delete(queue);
      }
    });
    return count;
  }

  async #countWaiting(queue: string): Promise<number> {
    const { rows } = await this.#pool.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting
         FROM (SELECT FROM pgboss.job WHERE name = $1 AND state < 'active' LIMIT $2) AS waiting`,
      [queue, this.max],
    );
    return rows[0]?.waiting ?? 0;
  }
}
