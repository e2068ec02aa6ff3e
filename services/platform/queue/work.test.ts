import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { TwirpError, TwirpErrorCode } from "twirp-ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { enqueue } from "./enqueue";
import { PermanentError } from "./permanent-error";
import type { QueuedJob } from "./queued-job";
import { startQueues, type TestQueues, testQueue } from "./testing/start-queues";
import { type WorkOptions, work } from "./work";

type Data = Record<string, unknown>;

describe("work", () => {
  let queues: TestQueues;
  beforeAll(async () => {
    queues = await startQueues([testQueue("q"), testQueue("next")]);
  });
  afterEach(async () => {
    await queues.stopWorkers();
    await queues.boss.deleteAllJobs();
  });
  afterAll(() => queues.stop());

  async function start<R>(options: Partial<WorkOptions<Data, R>> & Pick<WorkOptions<Data, R>, "handle">) {
    const { boss, logger } = queues;
    return queues.track(await work<Data, R>(boss, { queue: "q", concurrency: 5, logger, ...options }));
  }
  async function add(data: Data = {}, queue = "q"): Promise<string> {
    const id = randomUUID();
    await enqueue(queues.boss, queue, { id, data });
    return id;
  }
  function jobs(queue: string) {
    return queues.boss.findJobs<{ data: Data }>(queue);
  }

  it("refuses a queue that does not exist", async () => {
    const { boss, logger } = queues;
    await expect(
      work(boss, { queue: "nowhere", concurrency: 1, logger, handle: () => Promise.resolve() }),
    ).rejects.toThrow("queue nowhere does not exist");
  });

  it("starts a job within milliseconds of its being enqueued", async () => {
    const waits: number[] = [];
    await start({
      pollIntervalMs: 10_000,
      handle: ({ data }) => Promise.resolve(void waits.push(performance.now() - Number(data["at"]))),
    });
    for (let count = 1; count <= 40; count++) {
      await add({ at: performance.now() });
      await expect.poll(() => waits.length, { interval: 5 }).toBe(count);
    }
    waits.sort((a, b) => a - b);
    // The bench measures the usual wait. Here the machine is busy with other tests: what it can do, and no polling.
    expect(waits[0]).toBeLessThan(20);
    expect(waits[20]).toBeLessThan(500);
  });

  it("runs no more jobs at once than it may, and lets none wait for a slow one", async () => {
    let running = 0;
    let most = 0;
    let done = 0;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await start({
      concurrency: 3,
      handle: async ({ data }) => {
        running++;
        most = Math.max(most, running);
        await (data["slow"] === true ? released : delay(5));
        running--;
        done++;
      },
    });
    await add({ slow: true });
    await Promise.all(Array.from({ length: 60 }, () => add()));
    await expect.poll(() => done).toBe(60);
    expect(running).toBe(1);
    expect(most).toBe(3);
    release();
    await expect.poll(() => done).toBe(61);
  });

  it("drains more than 500 jobs a second", async () => {
    const count = 2_000;
    let done = 0;
    const jobsPerSecond = async () => {
      done = 0;
      const payload = { data: { text: "x".repeat(300) }, trace: {} };
      await queues.boss.insert(
        "q",
        Array.from({ length: count }, () => ({ id: randomUUID(), data: payload })),
      );
      const startedAt = performance.now();
      await start({ concurrency: 20, handle: () => Promise.resolve(void done++) });
      await expect.poll(() => done, { interval: 10 }).toBe(count);
      await queues.stopWorkers();
      return count / ((performance.now() - startedAt) / 1_000);
    };
    await expect.poll(jobsPerSecond, { timeout: 60_000 }).toBeGreaterThan(500);
    expect(await queues.boss.findJobs("q", { queued: true })).toEqual([]);
  }, 90_000);

  it("tries a failed job again after a growing wait, and tells the handler which attempt it is", async () => {
    const attempts: { attempt: number; maxAttempts: number; at: number }[] = [];
    const id = await add();
    await start({
      handle: ({ attempt, maxAttempts }) => {
        attempts.push({ attempt, maxAttempts, at: performance.now() });
        return attempt < 3 ? Promise.reject(new Error("secret detail")) : Promise.resolve({ done: true });
      },
      store: (result) => result,
    });
    await expect
      .poll(async () => (await queues.boss.findJobs("q", { id }))[0]?.state, { timeout: 10_000 })
      .toBe("completed");
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(attempts.map(({ maxAttempts }) => maxAttempts)).toEqual([3, 3, 3]);
    // One second at least, two at most by the cap of the queue, and the poll that finds it.
    for (const [index, { at }] of attempts.slice(1).entries()) {
      const waited = at - (attempts[index]?.at ?? 0);
      expect(waited).toBeGreaterThan(950);
      expect(waited).toBeLessThan(8_000);
    }
    const [job] = await queues.boss.findJobs("q", { id });
    expect(job?.output).toEqual({
      result: { done: true },
      lastFailure: { code: "internal", message: "internal error" },
    });
  });

  it("fails a job for good when its attempts are used up, with a dead letter and what follows, each once", async () => {
    const id = await add({ name: "doomed" });
    let runs = 0;
    await start({
      handle: () => {
        runs++;
        return Promise.reject(new TwirpError(TwirpErrorCode.Unavailable, "smtp is down"));
      },
      onFailed: (job, failure) => [{ queue: "next", id: randomUUID(), data: { of: job.id, failure } }],
    });
    const failure = { code: "unavailable", message: "smtp is down" };
    await expect
      .poll(async () => (await jobs("next")).map(({ data }) => data.data), { timeout: 15_000 })
      .toEqual([{ of: id, failure }]);
    expect(runs).toBe(3);
    const [job] = await jobs("q");
    expect(job).toMatchObject({ state: "failed", retryCount: 2, retryLimit: 3, output: failure });
    const [letter] = await jobs("q-dead");
    expect(letter).toMatchObject({ state: "created", sourceId: id, sourceOutput: failure });
    expect(letter?.data.data).toEqual({ name: "doomed" });
  });

  it.each([
    ["a PermanentError", new PermanentError("no such mailbox", "failed_precondition"), "failed_precondition"],
    [
      "a Twirp error whose code says so",
      new TwirpError(TwirpErrorCode.InvalidArgument, "no such mailbox"),
      "invalid_argument",
    ],
    [
      "a Twirp error whose meta says so",
      new TwirpError(TwirpErrorCode.ResourceExhausted, "no such mailbox").withMeta("permanent", "true"),
      "resource_exhausted",
    ],
  ])("fails a job for good at once on %s", async (_, error, code) => {
    const id = await add();
    let runs = 0;
    await start({
      handle: () => {
        runs++;
        return Promise.reject(error);
      },
    });
    await expect.poll(async () => (await jobs("q-dead"))[0]?.sourceId).toBe(id);
    expect(runs).toBe(1);
    const output = { code, message: "no such mailbox" };
    expect((await jobs("q"))[0]).toMatchObject({ state: "failed", retryLimit: 3, output });
  });

  it("enqueues what follows from a success once, and never a second time", async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => add({ n })));
    await start({
      handle: ({ data }) => Promise.resolve({ square: Number(data["n"]) ** 2 }),
      onCompleted: ({ id }, result) => [{ queue: "next", id: randomUUID(), data: { of: id, ...result } }],
    });
    await expect.poll(async () => (await jobs("next")).length).toBe(30);
    await queues.stopWorkers();
    const followers = (await jobs("next")).map(({ data }) => data.data);
    expect(new Set(followers.map(({ of }) => of))).toEqual(new Set(ids));
    expect((await jobs("q")).every(({ state }) => state === "completed")).toBe(true);
  });

  it("ends an attempt that takes too long, also one that does not heed its signal", async () => {
    const outcomes: unknown[] = [];
    await add({ heeds: true });
    await add({ heeds: false });
    await start({
      attemptTimeoutMs: 100,
      handle: ({ data, signal, attempt }) =>
        attempt > 1 ? Promise.resolve() : data["heeds"] === true ? sleepUnless(signal) : new Promise(() => undefined),
    });
    await expect
      .poll(async () => (await jobs("q")).map(({ state }) => state), { timeout: 10_000 })
      .toEqual(["completed", "completed"]);
    for (const { output } of await jobs("q")) {
      outcomes.push(output);
    }
    const lastFailure = {
      code: "deadline_exceeded",
      message: "the attempt took longer than 100 ms",
      cause: "attempt_timeout",
    };
    expect(outcomes).toEqual([{ lastFailure }, { lastFailure }]);
  });

  it("aborts a job that is cancelled while it runs, and leaves it cancelled", async () => {
    const id = await add();
    const { promise: aborted, resolve } = Promise.withResolvers<unknown>();
    await start({
      heartbeatIntervalMs: 100,
      handle: async ({ signal }) => {
        await sleepUnless(signal).catch(() => resolve(signal.reason));
        return { finished: "anyway" };
      },
      store: (result) => result,
    });
    await expect.poll(async () => (await jobs("q"))[0]?.state).toBe("active");
    await queues.boss.cancel("q", id);
    expect(await aborted).toMatchObject({ why: "lost" });
    await queues.stopWorkers();
    expect((await jobs("q"))[0]).toMatchObject({ state: "cancelled", output: null });
  });

  it("gives a job without heartbeats to a living worker within seconds, and ignores the late end of the first", async () => {
    const id = await add();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const by = (name: string) => ({
      store: (result: unknown) => result,
      onCompleted: () => [{ queue: "next", id: randomUUID(), data: { by: name } }],
    });
    const silent = await start({
      ...by("silent"),
      concurrency: 1,
      heartbeatIntervalMs: 3_600_000,
      handle: () => released.then(() => ({ by: "silent" })),
    });
    await expect.poll(() => silent.active).toBe(1);
    const startedAt = performance.now();
    const attempts: number[] = [];
    const { logger } = queues;
    queues.track(
      await work<Data, unknown>(await queues.another(), {
        ...by("living"),
        queue: "q",
        concurrency: 1,
        logger,
        heartbeatIntervalMs: 200,
        heartbeatTimeoutMs: 1_000,
        handle: ({ attempt }) => Promise.resolve({ by: "living", attempts: attempts.push(attempt) }),
      }),
    );
    await expect.poll(async () => (await jobs("q"))[0]?.state).toBe("completed");
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    release();
    await silent.stop();
    expect(attempts).toEqual([2]);
    expect(await jobs("q")).toMatchObject([
      { id, output: { result: { by: "living" }, lastFailure: { code: "aborted" } } },
    ]);
    expect((await jobs("next")).map(({ data }) => data.data)).toEqual([{ by: "living" }]);
  });

  it("leaves a job alone whose late first worker ends while the second still runs it", async () => {
    const id = await add();
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const handle = ({ attempt }: QueuedJob<Data>) => (attempt === 1 ? first : second).promise;
    const store = () => ({ late: true });
    const silent = await start({ heartbeatIntervalMs: 3_600_000, concurrency: 1, handle, store });
    await expect.poll(() => silent.active).toBe(1);
    const { logger } = queues;
    const beats = { heartbeatIntervalMs: 200, heartbeatTimeoutMs: 1_000 };
    const living = queues.track(
      await work<Data>(await queues.another(), { queue: "q", concurrency: 1, logger, ...beats, handle }),
    );
    await expect.poll(() => living.active).toBe(1);
    first.resolve();
    await silent.stop();
    expect((await queues.boss.findJobs("q", { id }))[0]).toMatchObject({ state: "active", retryCount: 1 });
    second.resolve();
    await expect.poll(async () => (await queues.boss.findJobs("q", { id }))[0]?.state).toBe("completed");
  });

  it("reports a job whose worker was lost in its last attempt", async () => {
    const id = await add();
    const { boss } = queues;
    for (let attempt = 1; attempt <= 2; attempt++) {
      const [job] = await boss.fetch("q", { ignoreStartAfter: true });
      await boss.fail("q", { id, retryCount: job?.retryCount ?? 0 }, { code: "unavailable", message: "no" });
    }
    await boss.fetch("q", { ignoreStartAfter: true });
    let runs = 0;
    await start({
      heartbeatIntervalMs: 200,
      heartbeatTimeoutMs: 1_000,
      handle: () => Promise.resolve(void runs++),
      onFailed: (job, failure) => [{ queue: "next", id: randomUUID(), data: { of: job.id, code: failure.code } }],
    });
    await expect
      .poll(async () => (await jobs("next")).map(({ data }) => data.data), { timeout: 10_000 })
      .toEqual([{ of: id, code: "aborted" }]);
    expect(runs).toBe(0);
    expect((await jobs("q"))[0]?.state).toBe("failed");
    expect(await jobs("q-dead")).toHaveLength(1);
  });

  it("fails a job of a stranger's making instead of stumbling over it", async () => {
    const handled: unknown[] = [];
    for (const data of [null, { text: "no payload of ours" }]) {
      await queues.boss.send("q", data);
    }
    await queues.boss.insert("q", [{ data: [] as unknown as object }]);
    await start({
      handle: ({ data }) => Promise.resolve(void handled.push(data)),
      onFailed: () => {
        throw new Error("never called");
      },
    });
    await expect.poll(async () => (await jobs("q-dead")).length).toBe(3);
    expect(handled).toEqual([]);
  });

  it("stores a failure whose text Postgres would refuse", async () => {
    await add();
    await start({ handle: () => Promise.reject(new PermanentError("bad \u0000 and \ud800 text")) });
    await expect
      .poll(async () => (await jobs("q"))[0]?.output)
      .toEqual({
        code: "internal",
        message: "bad \ufffd and \ufffd text",
      });
  });

  it("lets running jobs end when it is stopped, and takes no more", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const worker = await start({ concurrency: 1, handle: () => released });
    const id = await add();
    await expect.poll(() => worker.active).toBe(1);
    const stopped = worker.stop();
    const waiting = await add();
    release();
    await stopped;
    expect((await queues.boss.findJobs("q", { id }))[0]?.state).toBe("completed");
    expect((await queues.boss.findJobs("q", { id: waiting }))[0]?.state).toBe("created");
  });

  it("hands back what does not end in time: another worker runs it at once, at no cost of an attempt", async () => {
    const id = await add();
    const worker = await start({ drainTimeoutMs: 200, handle: ({ signal }) => sleepUnless(signal) });
    await expect.poll(() => worker.active).toBe(1);
    const ran: number[] = [];
    const { logger } = queues;
    const other = await queues.another();
    queues.track(
      await work<Data>(other, {
        queue: "q",
        concurrency: 1,
        logger,
        // Only a notification can be as fast as the test asks.
        pollIntervalMs: 5_000,
        handle: ({ attempt, maxAttempts }) => Promise.resolve(void ran.push(maxAttempts - attempt)),
      }),
    );
    await worker.stop();
    const stoppedAt = performance.now();
    await expect
      .poll(async () => (await queues.boss.findJobs("q", { id }))[0]?.state, { interval: 10 })
      .toBe("completed");
    expect(performance.now() - stoppedAt).toBeLessThan(2_500);
    expect(ran).toEqual([2]);
  });
});

/** Sleeps for very long, and rejects when the signal fires. */
async function sleepUnless(signal: AbortSignal): Promise<void> {
  await delay(3_600_000, undefined, { signal });
}
