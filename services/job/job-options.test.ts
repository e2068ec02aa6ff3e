import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import { JobOptions, JobState } from "../../gen/twirp/mcsv/v1/job";
import { conversionOrder, emailOrder } from "./testing/orders";
import { startJobService, type TestJobService } from "./testing/start-job-service";

describe("jobs that are told when and before which others to run", () => {
  let service: TestJobService;
  let held: PromiseWithResolvers<void>;
  beforeAll(async () => {
    service = await startJobService({ work: true, concurrency: 1, pollIntervalMs: 50 });
  });
  afterEach(async () => {
    held?.resolve();
    service.peers.before = () => undefined;
    await expect.poll(unfinished).toBe(0);
  });
  afterAll(() => service.stop());

  const unfinished = async () =>
    (await service.client.GetQueueStats({})).queues
      .filter(({ queue }) => queue === "email")
      .reduce((sum, { ready, active }) => sum + ready + active, 0);
  const getJob = async (jobId: string) => (await service.client.GetJob({ jobId })).job;
  const send = (options: Partial<JobOptions>) =>
    service.client.EnqueueEmail({ ...emailOrder(), jobOptions: JobOptions.create(options) });
  /** Lets the first mail hang, so that what follows has to wait. */
  async function holdWorker(): Promise<void> {
    held = Promise.withResolvers<void>();
    const { promise } = held;
    service.peers.before = (method) => (method === "SendEmail" ? promise : undefined);
    const { jobId } = await send({});
    await expect.poll(async () => (await getJob(jobId))?.state).toBe(JobState.ACTIVE);
  }
  const order = () => service.peers.emails.map(({ jobId }) => jobId);

  it("run in the order of their priority, and of their arrival within one", async () => {
    await holdWorker();
    const ids: Record<string, string> = {};
    for (const [name, priority] of Object.entries({ low: -5, first: 0, second: 0, high: 100 })) {
      ids[name] = (await send({ priority })).jobId;
    }
    expect((await getJob(ids["high"] ?? ""))?.priority).toBe(100);
    held.resolve();
    const expected = ["high", "first", "second", "low"].map((name) => ids[name]);
    await expect.poll(() => order().filter((id) => expected.includes(id))).toEqual(expected);
  });

  it("run not before their time, and soon after it", async () => {
    const due = new Date(Date.now() + 1_500);
    const { jobId } = await send({ runAt: Timestamp.fromDate(due) });
    const startedAt: number[] = [];
    service.peers.before = (method, id) => {
      if (method === "SendEmail" && id === jobId) {
        startedAt.push(Date.now());
      }
    };
    const waiting = await getJob(jobId);
    expect(waiting).toMatchObject({ state: JobState.QUEUED, runAt: Timestamp.fromDate(due) });
    await expect.poll(() => startedAt.length).toBe(1);
    expect(startedAt[0]).toBeGreaterThanOrEqual(due.getTime() - 5);
    expect(startedAt[0]).toBeLessThan(due.getTime() + 8_000);
  });

  it("run at once when their time is past, and are refused when it is more than a year ahead", async () => {
    const { jobId } = await send({ runAt: Timestamp.fromDate(new Date(0)) });
    await expect.poll(async () => (await getJob(jobId))?.state).toBe(JobState.COMPLETED);
    await expect(send({ runAt: Timestamp.fromDate(new Date(Date.now() + 400 * 86_400_000)) })).rejects.toMatchObject({
      code: "invalid_argument",
      meta: { argument: "job_options.run_at" },
    });
  });

  it("are one as long as a job with the same unique key waits or runs in the queue, and another after that", async () => {
    await holdWorker();
    const options = { uniqueKey: `digest:${Math.random()}` };
    // With connections open, the calls meet in the database.
    const { pool } = service.boss.database;
    await Promise.all(Array.from({ length: 10 }, () => pool.query("SELECT pg_sleep(0.05)")));
    const calls = await Promise.all(Array.from({ length: 20 }, () => send(options)));
    const made = calls.filter(({ existing }) => !existing);
    expect(made).toHaveLength(1);
    const jobId = made[0]?.jobId ?? "";
    expect(new Set(calls.map((call) => call.jobId))).toEqual(new Set([jobId]));
    expect(await getJob(jobId)).toMatchObject({ uniqueKey: options.uniqueKey });
    const elsewhere = { ...conversionOrder(), jobOptions: JobOptions.create(options) };
    expect((await service.client.EnqueueImageConversion(elsewhere)).existing).toBe(false);
    held.resolve();
    await expect.poll(async () => (await getJob(jobId))?.state).toBe(JobState.COMPLETED);
    expect(await send(options)).toMatchObject({ existing: false });
  });

  it("are still found by a unique key while they run", async () => {
    held = Promise.withResolvers<void>();
    const { promise } = held;
    service.peers.before = (method) => (method === "SendEmail" ? promise : undefined);
    const options = { uniqueKey: "runs" };
    const { jobId } = await send(options);
    await expect.poll(async () => (await getJob(jobId))?.state).toBe(JobState.ACTIVE);
    expect(await send(options)).toEqual({ jobId, existing: true });
  });

  it("are found by their idempotency key first, whatever options come with it", async () => {
    const order = emailOrder();
    const first = await service.client.EnqueueEmail(order);
    expect(first.existing).toBe(false);
    const again = { ...order, jobOptions: JobOptions.create({ priority: 7, uniqueKey: "other" }) };
    expect(await service.client.EnqueueEmail(again)).toEqual({ jobId: first.jobId, existing: true });
    expect(await getJob(first.jobId)).toMatchObject({ priority: 0, uniqueKey: "" });
  });
});
