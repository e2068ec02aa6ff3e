import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unavailable } from "../twirp/errors";
import { startQueues, type TestQueues, testQueue } from "./testing/start-queues";
import { work } from "./work";

const DELAY_SECONDS = 100;
const MAX_SECONDS = 1_000;
const JOBS_PER_ATTEMPT = 25;

describe("the wait before the next attempt", () => {
  let queues: TestQueues;
  beforeAll(async () => {
    queues = await startQueues([
      testQueue("q", { retryLimit: 20, retryDelaySeconds: DELAY_SECONDS, retryDelayMaxSeconds: MAX_SECONDS }),
    ]);
  });
  afterAll(() => queues.stop());

  /** Lets jobs fail in their n-th attempt. Returns the waits that follow, in seconds. */
  async function waitsAfter(attempt: number, returned = 0): Promise<number[]> {
    const { boss, logger } = queues;
    await boss.deleteAllJobs();
    const payload = { data: {}, trace: {} };
    await boss.insert(
      "q",
      Array.from({ length: JOBS_PER_ATTEMPT }, () => ({ id: randomUUID(), data: payload })),
    );
    // As they are when that many attempts were begun. started_on tells pg-boss's next fetch to count on.
    await boss.database.pool.query(
      `UPDATE pgboss.job SET retry_count = $1, started_on = now(), state = 'retry', retry_limit = retry_limit + $2,
              output = CASE WHEN $2 > 0 THEN jsonb_build_object('returned', jsonb_build_object('times', $2::int, 'why', 'full')) END
        WHERE name = 'q'`,
      [attempt - 2 + returned, returned],
    );
    const handle = () => Promise.reject(unavailable("down"));
    const worker = queues.track(await work(boss, { queue: "q", concurrency: JOBS_PER_ATTEMPT, logger, handle }));
    const waits = async () => {
      const { rows } = await boss.database.pool.query<{ wait: number }>(
        `SELECT extract(epoch FROM start_after - now())::float8 AS wait FROM pgboss.job
          WHERE name = 'q' AND state = 'retry' AND start_after > now() + interval '50 seconds'`,
      );
      return rows.map(({ wait }) => wait);
    };
    await expect.poll(async () => (await waits()).length).toBe(JOBS_PER_ATTEMPT);
    const result = await waits();
    await worker.stop();
    return result;
  }

  it.each([
    [2, 200, 400],
    [3, 400, 800],
    [4, 800, 1_000],
    [5, 1_000, 1_000],
    [17, 1_000, 1_000],
  ])(
    "doubles with every attempt, is spread at random and never longer than the queue's cap: attempt %d",
    async (attempt, atLeast, atMost) => {
      const waits = await waitsAfter(attempt);
      expect(Math.min(...waits)).toBeGreaterThan(atLeast - 10);
      expect(Math.max(...waits)).toBeLessThanOrEqual(atMost);
      if (atMost > atLeast) {
        expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan((atMost - atLeast) / 8);
      }
    },
  );

  it("does not grow by attempts that were handed back", async () => {
    const waits = await waitsAfter(2, 10);
    expect(Math.min(...waits)).toBeGreaterThan(190);
    expect(Math.max(...waits)).toBeLessThanOrEqual(400);
  });
});
