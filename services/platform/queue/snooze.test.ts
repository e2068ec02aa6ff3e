import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { resourceExhausted, unavailable } from "../twirp/errors";
import { enqueue } from "./enqueue";
import { startQueues, type TestQueues, testQueue } from "./testing/start-queues";
import { type WorkOptions, work } from "./work";

describe("a job whose called service is full", () => {
  let queues: TestQueues;
  beforeAll(async () => {
    queues = await startQueues([testQueue("q")]);
  });
  afterEach(async () => {
    await queues.stopWorkers();
    await queues.boss.deleteAllJobs();
  });
  afterAll(() => queues.stop());

  const start = async (options: Pick<WorkOptions<object, unknown>, "handle"> & { concurrency?: number }) => {
    const { boss, logger } = queues;
    queues.track(await work(boss, { queue: "q", concurrency: 1, logger, pollIntervalMs: 50, ...options }));
  };
  const add = async () => {
    const id = randomUUID();
    await enqueue(queues.boss, "q", { id, data: {} });
    return id;
  };
  const find = async (id: string) => (await queues.boss.findJobs("q", { id }))[0];

  it("runs later without spending an attempt, as often as it takes", async () => {
    const id = await add();
    const attempts: [number, number][] = [];
    await start({
      handle: ({ attempt, maxAttempts }) => {
        attempts.push([attempt, maxAttempts]);
        if (attempts.length <= 3) {
          return Promise.reject(resourceExhausted("all slots are taken"));
        }
        return attempts.length < 5 ? Promise.reject(unavailable("down")) : Promise.resolve();
      },
    });
    await expect.poll(async () => (await find(id))?.state, { timeout: 20_000 }).toBe("completed");
    expect(attempts).toEqual([
      [1, 3],
      [1, 3],
      [1, 3],
      [1, 3],
      [2, 3],
    ]);
    expect((await find(id))?.output).toEqual({
      lastFailure: { code: "unavailable", message: "down" },
      returned: { times: 3, why: "full" },
    });
  }, 30_000);

  it("waits for as long as the service asks, and tells why it waits", async () => {
    const id = await add();
    await start({ handle: () => Promise.reject(resourceExhausted("come back", { retry_after_ms: "60000" })) });
    await expect.poll(async () => (await find(id))?.state).toBe("retry");
    const job = await find(id);
    const waitMs = (job?.startAfter.getTime() ?? 0) - Date.now();
    expect(waitMs).toBeGreaterThan(55_000);
    expect(waitMs).toBeLessThan(91_000);
    expect(job?.output).toEqual({
      code: "resource_exhausted",
      message: "come back",
      returned: { times: 1, why: "full" },
    });
  });

  it("does not count when its own size is what is too much: that fails for good", async () => {
    const id = await add();
    await start({ handle: () => Promise.reject(resourceExhausted("image too large", { permanent: "true" })) });
    await expect.poll(async () => (await find(id))?.state).toBe("failed");
  });

  it("leaves its slot empty for a moment, so that a backlog is not tried job by job", async () => {
    await Promise.all(Array.from({ length: 40 }, add));
    const calls: number[] = [];
    await start({
      concurrency: 4,
      handle: () => {
        calls.push(performance.now());
        return Promise.reject(resourceExhausted("full"));
      },
    });
    await expect.poll(() => calls.length).toBeGreaterThanOrEqual(12);
    // Rounds of four: two rests of half a second lie between the first call and the ninth.
    expect((calls[8] ?? 0) - (calls[0] ?? 0)).toBeGreaterThan(950);
  });
});
