import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { RateLimit } from "./rate-limit";
import { startQueues, type TestQueues, testQueue } from "./testing/start-queues";
import { work } from "./work";

/** Twenty a second. */
const PER_MINUTE = 1_200;

describe("a queue with a rate limit", () => {
  let queues: TestQueues;
  beforeAll(async () => {
    queues = await startQueues([testQueue("q")]);
    const table = join(__dirname, "../../job/migrations/000004_queue-rate-limits.sql");
    await queues.boss.database.pool.query(await readFile(table, "utf8"));
  });
  afterEach(() => queues.stopWorkers());
  afterAll(() => queues.stop());

  it("is worked on no faster than that by two processes together, and as fast as that", async () => {
    const payload = { data: {}, trace: {} };
    await queues.boss.insert(
      "q",
      Array.from({ length: 60 }, () => ({ id: randomUUID(), data: payload })),
    );
    const starts: number[] = [];
    for (const boss of [queues.boss, await queues.another()]) {
      queues.track(
        await work(boss, {
          queue: "q",
          concurrency: 50,
          ratePerMinute: PER_MINUTE,
          logger: queues.logger,
          handle: () => Promise.resolve(void starts.push(performance.now())),
        }),
      );
    }
    await expect.poll(() => starts.length, { timeout: 15_000 }).toBe(60);
    // A second's worth at once, the other forty over two seconds; with room for a process that was not given the processor.
    const [first = 0] = starts;
    for (const [index, at] of starts.entries()) {
      expect(index + 1).toBeLessThanOrEqual(20 + ((at - first) / 1_000) * 20 + 15);
    }
    expect((starts.at(-1) ?? 0) - first).toBeLessThan(6_000);
  });

  it("gives no more than a second's worth after a rest, and says how long to wait for one", async () => {
    const limit = new RateLimit(queues.boss.database.pool, "slow", 30);
    expect(await limit.take(5)).toEqual({ granted: 1, waitMs: 0 });
    const { granted, waitMs } = await limit.take(5);
    expect(granted).toBe(0);
    expect(waitMs).toBeGreaterThan(1_000);
    expect(waitMs).toBeLessThanOrEqual(2_000);
    await limit.giveBack(1);
    expect(await limit.take(1)).toEqual({ granted: 1, waitMs: 0 });
    await queues.boss.database.pool.query("UPDATE queue_rate_limits SET refilled_at = now() - interval '1 hour'");
    expect((await limit.take(5)).granted).toBe(1);
  });

  it("grants each token once, however many ask at the same time", async () => {
    const limit = new RateLimit(queues.boss.database.pool, "rush", 600);
    const grants = await Promise.all(Array.from({ length: 30 }, () => limit.take(3)));
    const total = grants.reduce((sum, { granted }) => sum + granted, 0);
    expect(total).toBeGreaterThanOrEqual(10);
    expect(total).toBeLessThan(20);
  });
});
