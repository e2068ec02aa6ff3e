import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { recordMetrics } from "../../../tests/support/record-metrics";
import { resourceExhausted, unavailable } from "../twirp/errors";
import { enqueue } from "./enqueue";
import { observeQueues } from "./observe-queues";
import { PermanentError } from "./permanent-error";
import { redrive } from "./redrive";
import { startQueues, type TestQueues, testQueue } from "./testing/start-queues";
import { work } from "./work";

describe("what is measured of queues", () => {
  const record = recordMetrics();
  let queues: TestQueues;
  beforeAll(async () => {
    queues = await startQueues([testQueue("a"), testQueue("b")], record.meter);
  });
  afterEach(() => queues.stopWorkers());
  afterAll(() => queues.stop());

  const add = (queue: string, startAfter = 0) =>
    enqueue(queues.boss, queue, { id: randomUUID(), data: {}, startAfter });
  /** As if the jobs of a queue had been enqueued, and could have run, that much earlier. */
  const makeOlder = (queue: string, seconds: number) =>
    queues.boss.database.pool.query(
      `UPDATE pgboss.job SET start_after = start_after - $2 * interval '1 s', keep_until = keep_until - $2 * interval '1 s',
              created_on = created_on - $2 * interval '1 s' WHERE name = $1`,
      [queue, seconds],
    );
  /** The age of the oldest job as it is seen now; undefined unless a job is in that state, or none where that is undefined. */
  const age = async (queue: string, state: string | undefined) => {
    const observed = recordMetrics();
    observeQueues(observed.meter, { pool: queues.boss.database.pool, queues: [queue], logger: queues.logger });
    const jobs = await observed.points("mcsv.queue.jobs");
    const states = jobs.filter(({ value }) => value !== 0).map(({ attributes }) => attributes["state"]);
    const [point] = await observed.points("mcsv.queue.oldest_job.age");
    return states[0] === state ? point?.value : undefined;
  };
  const counts = async (name: string) =>
    Object.fromEntries(
      (await record.points(name)).map(({ attributes, value }) => [
        Object.values(attributes).join(" "),
        typeof value === "number" ? value : value.count,
      ]),
    );

  it("counts attempts by how they end, the waits before them and the jobs that failed for good", async () => {
    const errors = [resourceExhausted("full"), unavailable("down"), new PermanentError("never")];
    const { boss, logger } = queues;
    const handle = () => {
      const error = errors.shift();
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    };
    await add("a");
    queues.track(await work(boss, { queue: "a", concurrency: 1, logger, pollIntervalMs: 50, handle }));
    await expect.poll(() => counts("mcsv.queue.dead_letters"), { timeout: 10_000 }).toEqual({ a: 1 });
    await add("a");
    await expect
      .poll(() => counts("mcsv.queue.attempt.duration"), { timeout: 10_000 })
      .toEqual({ "a snoozed": 1, "a retried": 1, "a failed": 1, "a completed": 1 });
    expect(await counts("mcsv.queue.wait.duration")).toEqual({ a: 4 });
  });

  it("counts an attempt that the worker gave back", async () => {
    const { boss, logger } = queues;
    const handle = ({ signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await add("b");
    const worker = queues.track(
      await work(boss, { queue: "b", concurrency: 1, logger, pollIntervalMs: 50, drainTimeoutMs: 10, handle }),
    );
    await expect.poll(() => worker.active).toBe(1);
    await worker.stop();
    expect(await counts("mcsv.queue.attempt.duration")).toMatchObject({ "b handed_back": 1 });
  });

  it("observes the jobs of each queue by state, and the age of the oldest that is due, with one query for all", async () => {
    const observed = recordMetrics();
    const { pool } = queues.boss.database;
    await queues.boss.deleteAllJobs();
    await add("a", 3600);
    await add("b");
    await makeOlder("b", 90);
    let asked = 0;
    const counting = new Proxy(pool, {
      get: (target, key) => {
        asked += key === "query" ? 1 : 0;
        const value: unknown = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    observeQueues(observed.meter, { pool: counting, queues: ["a", "b"], logger: queues.logger });
    const jobs = await observed.points("mcsv.queue.jobs");
    const found = jobs.filter(({ value }) => value !== 0).map(({ attributes, value }) => [attributes, value]);
    expect(jobs).toHaveLength(10);
    expect(found).toEqual([
      [{ queue: "a", state: "deferred" }, 1],
      [{ queue: "b", state: "ready" }, 1],
    ]);
    const [ofA, ofB] = await observed.points("mcsv.queue.oldest_job.age");
    expect(ofA).toEqual({ attributes: { queue: "a" }, value: 0 });
    expect(ofB?.value).toBeGreaterThan(89);
    expect(asked).toBe(1);
  });

  it("observes a job that is tried again and again, or runs, with its age since it first could run", async () => {
    const { boss, logger } = queues;
    await boss.deleteAllJobs();
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const answers = [() => Promise.reject(unavailable("down")), () => mayEnd];
    const handle = () => answers.shift()?.() ?? Promise.resolve();
    await add("a");
    await makeOlder("a", 600);
    const worker = await work(boss, { queue: "a", concurrency: 1, logger, pollIntervalMs: 50, handle });
    queues.track(worker);
    await expect.poll(() => age("a", "retrying"), { timeout: 10_000 }).toBeGreaterThan(599);
    await expect.poll(() => age("a", "active"), { timeout: 10_000 }).toBeGreaterThan(599);
    end();
    await expect.poll(() => age("a", undefined), { timeout: 10_000 }).toBe(0);
  });

  it("counts the age of a dead letter that is let run again from then on", async () => {
    const { boss, logger } = queues;
    await boss.deleteAllJobs();
    const answers = [() => Promise.reject(new PermanentError("never")), () => new Promise<void>(() => undefined)];
    const handle = () => answers.shift()?.() ?? Promise.resolve();
    await add("a");
    await makeOlder("a", 600);
    const worker = await work(boss, {
      queue: "a",
      concurrency: 1,
      logger,
      pollIntervalMs: 50,
      drainTimeoutMs: 10,
      handle,
    });
    queues.track(worker);
    await expect.poll(() => age("a", "failed"), { timeout: 10_000 }).toBe(0);
    expect(await redrive(boss, "a", { limit: 1 })).toBe(1);
    await expect.poll(() => age("a", "active"), { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await age("a", "active")).toBeLessThan(500);
  });

  it("leaves the series out while the database does not answer, and says so", async () => {
    const observed = recordMetrics();
    const other = await queues.another();
    await other.stop();
    observeQueues(observed.meter, { pool: other.database.pool, queues: ["a"], logger: queues.logger });
    expect(await observed.points("mcsv.queue.jobs")).toEqual([]);
    expect(queues.lines.join()).toContain("cannot measure the queues");
  });
});
