import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { withTransaction } from "../postgres/with-transaction";
import { enqueue } from "./enqueue";
import { ensureQueues } from "./queue-definition";
import { startQueues, type TestQueues, testQueue } from "./testing/start-queues";
import { work } from "./work";

describe("enqueue", () => {
  let queues: TestQueues;
  beforeAll(async () => {
    queues = await startQueues([testQueue("q"), testQueue("other")]);
  });
  afterEach(() => queues.stopWorkers());
  afterAll(() => queues.stop());

  /** Works on a queue and tells which of some jobs have run. */
  async function workOn(queue: string): Promise<{ id: string; data: unknown }[]> {
    const seen: { id: string; data: unknown }[] = [];
    const { boss, logger } = queues;
    const handle = ({ id, data }: { id: string; data: unknown }) => Promise.resolve(void seen.push({ id, data }));
    queues.track(await work(boss, { queue, concurrency: 5, logger, handle }));
    return seen;
  }

  it("creates a job once and leaves it as it is when the id comes again, while it waits and after it ran", async () => {
    const id = randomUUID();
    expect(await enqueue(queues.boss, "q", { id, data: { n: 1 } })).toEqual({ created: true });
    expect(await enqueue(queues.boss, "q", { id, data: { n: 2 } })).toEqual({ created: false });
    const seen = await workOn("q");
    await expect.poll(() => seen).toEqual([{ id, data: { n: 1 } }]);
    await queues.stopWorkers();
    expect(await enqueue(queues.boss, "q", { id, data: { n: 3 } })).toEqual({ created: false });
    expect(await enqueue(queues.boss, "other", { id, data: { n: 4 } })).toEqual({ created: true });
  });

  it("creates one job of many concurrent calls with the same id", async () => {
    const id = randomUUID();
    const results = await Promise.all(Array.from({ length: 20 }, () => enqueue(queues.boss, "q", { id, data: {} })));
    expect(results.filter(({ created }) => created)).toHaveLength(1);
  });

  it("belongs to the caller's transaction: not there before the commit, never there after a rollback", async () => {
    const [kept, dropped] = [randomUUID(), randomUUID()];
    const seen = await workOn("other");
    await expect(
      withTransaction(queues.boss.database.pool, async (db) => {
        await enqueue(queues.boss, "other", { id: dropped, data: {}, db });
        throw new Error("rolled back");
      }),
    ).rejects.toThrow("rolled back");
    await withTransaction(queues.boss.database.pool, async (db) => {
      expect(await enqueue(queues.boss, "other", { id: kept, data: {}, db })).toEqual({ created: true });
      expect(await enqueue(queues.boss, "other", { id: kept, data: {}, db })).toEqual({ created: false });
      expect(await queues.boss.findJobs("other", { id: kept, queued: true })).toEqual([]);
    });
    await expect.poll(() => seen.map(({ id }) => id)).toContain(kept);
    expect(seen.map(({ id }) => id)).not.toContain(dropped);
  });

  it("runs a job of a higher priority first, and a scheduled one not before its time", async () => {
    const [low, high, later] = ["low", "high", "later"].map(() => randomUUID() as string) as [string, string, string];
    const dueAt = Date.now() + 1_000;
    await enqueue(queues.boss, "q", { id: later, data: {}, startAfter: new Date(dueAt), priority: 9 });
    await enqueue(queues.boss, "q", { id: low, data: {} });
    await enqueue(queues.boss, "q", { id: high, data: {}, priority: 5 });
    const order: { id: string; at: number }[] = [];
    const { boss, logger } = queues;
    const handle = ({ id }: { id: string }) => Promise.resolve(void order.push({ id, at: Date.now() }));
    queues.track(await work(boss, { queue: "q", concurrency: 1, logger, handle }));
    await expect
      .poll(() => order.map(({ id }) => id).filter((id) => [low, high, later].includes(id)), { timeout: 5_000 })
      .toEqual([high, low, later]);
    expect(order.at(-1)?.at).toBeGreaterThanOrEqual(dueAt - 5);
  });
});

describe("ensureQueues", () => {
  it("may be called by many processes at once, and again with another definition", async () => {
    const queues = await startQueues([]);
    try {
      const bosses = await Promise.all([queues.another(), queues.another(), queues.another()]);
      await Promise.all(bosses.map((boss) => ensureQueues(boss, [testQueue("q")])));
      await ensureQueues(queues.boss, [testQueue("q", { retryLimit: 7, retryDelayMaxSeconds: 30 })]);
      expect(await queues.boss.getQueue("q")).toMatchObject({ retryDelayMax: 30, deadLetter: "q-dead", notify: true });
      expect((await queues.boss.getQueues()).map(({ name }) => name).sort()).toEqual(["q", "q-dead"]);
    } finally {
      await queues.stop();
    }
  });

  it("leaves a schema in which pg-boss finds nothing wrong", async () => {
    const queues = await startQueues([testQueue("q")]);
    try {
      expect(await queues.boss.detectSchemaDrift()).toMatchObject({ ok: true });
    } finally {
      await queues.stop();
    }
  });
});
