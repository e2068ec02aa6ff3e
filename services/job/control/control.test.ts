import { randomUUID } from "node:crypto";
import { TwirpErrorCode } from "twirp-ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Timestamp } from "../../../gen/twirp/google/protobuf/timestamp";
import { JobEventFilter, JobEventType, JobState, ReplayJobsRequest } from "../../../gen/twirp/mcsv/v1/job";
import { jobId as jobIdOf } from "../../platform/ids/deterministic-id";
import { twirpError } from "../../platform/twirp/errors";
import { conversionOrder, emailOrder } from "../testing/orders";
import { startJobService, type TestJobService } from "../testing/start-job-service";

const NOW = { pageSize: 0, pageToken: "" };

describe("jobs under control", () => {
  let service: TestJobService;
  beforeAll(async () => {
    service = await startJobService({ work: true, heartbeatIntervalMs: 60_000, heartbeatTimeoutMs: 120_000 });
  });
  afterEach(async () => {
    service.peers.before = () => undefined;
    for (const queue of ["email", "image-conversion", "callback"]) {
      await service.client.ResumeQueue({ queue, reason: "" });
    }
  });
  afterAll(() => service.stop());

  const state = async (jobId: string) => (await service.client.GetJob({ jobId })).job?.state;
  const events = async (jobId: string) => (await service.client.GetJobHistory({ jobId, ...NOW })).events;
  const types = async (jobId: string) => (await events(jobId)).map(({ type }) => JobEventType[type]);
  /** Orders a mail of which every attempt fails until `service.peers.before` is set anew. */
  const failingMail = async (code: TwirpErrorCode, cause: string) => {
    const order = emailOrder();
    const id = jobIdOf("email", order.idempotencyKey);
    service.peers.before = (method, failing) => {
      if (method === "SendEmail" && failing === id) throw twirpError(code, `broken by ${cause}`, { cause });
    };
    await service.client.EnqueueEmail(order);
    return id;
  };
  const failedMail = async (cause: string) => {
    const id = await failingMail(TwirpErrorCode.FailedPrecondition, cause);
    await expect.poll(() => state(id)).toBe(JobState.FAILED);
    service.peers.before = () => undefined;
    return id;
  };
  const deadLetters = async (jobId: string) => {
    const { rowCount } = await service.boss.database.pool.query(
      "SELECT FROM pgboss.job WHERE name = 'email-dead' AND source_id = $1",
      [jobId],
    );
    return rowCount;
  };

  describe("GetJobHistory", () => {
    const historyAt = (jobId: string, at: Timestamp) => service.client.GetJobHistory({ ...NOW, jobId, at });

    it("tells what the job was at any time, also when it was deleted since, and nothing of a time before it", async () => {
      const { jobId } = await service.client.EnqueueEmail(emailOrder());
      await expect.poll(() => state(jobId)).toBe(JobState.COMPLETED);
      await service.boss.deleteJob("email", jobId);
      await expect(service.client.GetJob({ jobId })).rejects.toMatchObject({ code: "not_found" });
      const { job, events: all } = await service.client.GetJobHistory({ jobId, ...NOW });
      expect(all.map(({ type }) => JobEventType[type])).toEqual([
        "CREATED",
        "ENQUEUED",
        "STARTED",
        "COMPLETED",
        "DELETED",
      ]);
      expect(job).toMatchObject({ state: JobState.COMPLETED, attempt: 1, deletedAt: all[4]?.at });
      expect(job?.result).toMatchObject({ oneofKind: "email", email: { recipientAddress: "ada@example.com" } });
      const states = [JobState.QUEUED, JobState.QUEUED, JobState.ACTIVE, JobState.COMPLETED];
      for (const [index, { at = Timestamp.create() }] of all.slice(0, 4).entries()) {
        const then = await historyAt(jobId, at);
        expect(then.job).toMatchObject({ state: states[index] });
        expect(then.job?.deletedAt).toBeUndefined();
        expect(then.events.every((event) => (event.at?.seconds ?? 0n) <= at.seconds)).toBe(true);
      }
      const before = Timestamp.fromDate(new Date(Timestamp.toDate(all[0]?.at ?? Timestamp.create()).getTime() - 1));
      await expect(historyAt(jobId, before)).rejects.toMatchObject({ code: "not_found" });
    });

    it("comes in pages, with the job as all of them leave it on each", async () => {
      const { jobId } = await service.client.EnqueueEmail(emailOrder());
      await expect.poll(() => state(jobId)).toBe(JobState.COMPLETED);
      const first = await service.client.GetJobHistory({ jobId, pageSize: 3, pageToken: "" });
      const second = await service.client.GetJobHistory({ jobId, pageSize: 3, pageToken: first.nextPageToken });
      expect([first.events.length, second.events.length, second.nextPageToken]).toEqual([3, 1, ""]);
      expect([...first.events, ...second.events]).toEqual(await events(jobId));
      expect([first.job?.state, second.job?.state]).toEqual([JobState.COMPLETED, JobState.COMPLETED]);
    });
  });

  describe("CancelJob", () => {
    it("aborts the call of a job that runs, at once, and tells whoever waits for it", async () => {
      const { promise: aborted, resolve } = Promise.withResolvers<number>();
      service.peers.before = (method, _, ctx) =>
        method === "ConvertImage"
          ? new Promise((_resolve, reject) => {
              ctx.signal.addEventListener("abort", () => {
                resolve(performance.now());
                reject(ctx.signal.reason);
              });
            })
          : undefined;
      const order = conversionOrder();
      const { jobId } = await service.client.EnqueueImageConversion(order);
      await expect.poll(() => service.peers.conversions.some((call) => call.jobId === jobId)).toBe(true);
      const cancelledAt = performance.now();
      const { job } = await service.as(order.userId).CancelJob({ jobId, reason: "wrong image" });
      expect(job).toMatchObject({ state: JobState.CANCELLED, attempt: 1 });
      // Heartbeats are a minute apart here: it is the cancellation itself that reaches the worker.
      expect((await aborted) - cancelledAt).toBeLessThan(2_000);
      await expect
        .poll(() => service.peers.imageCallbacks.find((callback) => callback.jobId === jobId)?.outcome)
        .toMatchObject({ oneofKind: "failure", failure: { code: "canceled", message: "the job was cancelled" } });
      expect((await events(jobId)).at(-1)).toMatchObject({
        type: JobEventType.CANCELLED,
        actor: `user:${order.userId}`,
        reason: "wrong image",
        attempt: 1,
      });
      expect(await state(jobId)).toBe(JobState.CANCELLED);
    });

    it("keeps a job that waits from running; the first who cancels it counts", async () => {
      await service.client.PauseQueue({ queue: "email", reason: "" });
      const { jobId } = await service.client.EnqueueEmail(emailOrder());
      await service.client.CancelJob({ jobId, reason: "first" });
      const { job } = await service.client.CancelJob({ jobId, reason: "second" });
      expect(job?.state).toBe(JobState.CANCELLED);
      await service.client.ResumeQueue({ queue: "email", reason: "" });
      expect(await events(jobId)).toMatchObject([{}, {}, { actor: "application:local", reason: "first" }]);
      expect(service.peers.emails.some((call) => call.jobId === jobId)).toBe(false);
    });

    it("refuses a job that has ended, and tells a user nothing of the jobs of others", async () => {
      const order = emailOrder();
      const { jobId } = await service.client.EnqueueEmail(order);
      await expect.poll(() => state(jobId)).toBe(JobState.COMPLETED);
      await expect(service.client.CancelJob({ jobId, reason: "" })).rejects.toMatchObject({
        code: "failed_precondition",
        meta: { state: "completed" },
      });
      const stranger = service.as(randomUUID());
      for (const id of [jobId, randomUUID()]) {
        await expect(stranger.CancelJob({ jobId: id, reason: "" })).rejects.toMatchObject({ code: "not_found" });
        await expect(stranger.GetJobHistory({ jobId: id, ...NOW })).rejects.toMatchObject({ code: "not_found" });
      }
      expect((await service.as(order.userId).GetJobHistory({ jobId, ...NOW })).job?.id).toBe(jobId);
    });
  });

  describe("RetryJob", () => {
    it("runs a job that failed for good once more, and removes its dead letter", async () => {
      const jobId = await failedMail("smtp_5xx");
      expect(await deadLetters(jobId)).toBe(1);
      // Of an age at which pg-boss gives up jobs that wait.
      const { pool } = service.boss.database;
      await pool.query("UPDATE pgboss.job SET keep_until = now() - interval '1 day' WHERE id = $1", [jobId]);
      await service.client.RetryJob({ jobId: jobId.toUpperCase(), reason: "mailbox made" });
      await expect.poll(() => state(jobId)).toBe(JobState.COMPLETED);
      const kept = await pool.query("SELECT FROM pgboss.job WHERE id = $1 AND keep_until > now()", [jobId]);
      expect(kept.rowCount).toBe(1);
      expect(await deadLetters(jobId)).toBe(0);
      expect(await events(jobId)).toContainEqual(
        expect.objectContaining({
          type: JobEventType.RETRY_SCHEDULED,
          actor: "application:local",
          reason: "mailbox made",
        }),
      );
    });

    it("runs what was cancelled, and what waits for its time", async () => {
      const runAt = Timestamp.fromDate(new Date(Date.now() + 3_600_000));
      const options = { jobOptions: { priority: 0, uniqueKey: "", runAt } };
      const [waits, cancelled] = await Promise.all(
        [1, 2].map(() => service.client.EnqueueEmail(emailOrder(options)).then(({ jobId }) => jobId)),
      );
      await service.client.CancelJob({ jobId: String(cancelled), reason: "" });
      for (const jobId of [String(waits), String(cancelled)]) {
        await service.client.RetryJob({ jobId, reason: "" });
        await expect.poll(() => state(jobId)).toBe(JobState.COMPLETED);
        await expect(service.client.RetryJob({ jobId, reason: "" })).rejects.toMatchObject({
          code: "failed_precondition",
          meta: { state: "completed" },
        });
      }
    });
  });

  describe("ReplayJobs", () => {
    const replay = (errorClass: string, over: Partial<ReplayJobsRequest> = {}) =>
      service.client.ReplayJobs(
        ReplayJobsRequest.create({
          requestKey: randomUUID(),
          filter: JobEventFilter.create({ queue: "email", errorClass, withinSeconds: 3_600 }),
          ...over,
        }),
      );

    it("makes a new job of each that failed so, which does the work of the old one", async () => {
      const jobId = await failedMail("outage_a");
      const { jobs, skipped } = await replay("outage_a", { reason: "over" });
      expect(skipped).toEqual([]);
      expect(jobs).toMatchObject([{ fromJobId: jobId, queue: "email", errorClass: "outage_a" }]);
      const to = jobs[0]?.toJobId ?? "";
      expect(to).not.toBe(jobId);
      await expect.poll(() => state(to)).toBe(JobState.COMPLETED);
      // Ledger, PDF and callback go by the old id: what it had done already is not done again.
      expect(service.peers.emails.filter((call) => [jobId, to].includes(call.jobId)).map((call) => call.jobId)).toEqual(
        [jobId, jobId],
      );
      await expect
        .poll(() =>
          service.peers.emailCallbacks.filter((call) => call.jobId === jobId).map((call) => call.outcome.oneofKind),
        )
        .toEqual(["failure", "delivery"]);
      expect((await service.client.GetJob({ jobId: to })).job?.replayOf).toBe(jobId);
      const link = {
        type: JobEventType.REPLAYED,
        fromJobId: jobId,
        toJobId: to,
        reason: "over",
        actor: "application:local",
      };
      expect(await events(jobId)).toContainEqual(expect.objectContaining(link));
      expect(await events(to)).toContainEqual(expect.objectContaining(link));
      expect(await deadLetters(jobId)).toBe(0);
    });

    it("does it once under a request key, also when asked twice at once, and refuses the key for something else", async () => {
      const jobId = await failedMail("outage_b");
      const requestKey = randomUUID();
      const [one, two] = await Promise.all([replay("outage_b", { requestKey }), replay("outage_b", { requestKey })]);
      expect(one).toEqual(two);
      expect(await replay("outage_b", { requestKey })).toEqual(one);
      expect((await types(jobId)).filter((type) => type === "REPLAYED")).toHaveLength(1);
      await expect(replay("outage_c", { requestKey })).rejects.toMatchObject({
        code: "already_exists",
        meta: { argument: "request_key" },
      });
      await expect(replay("outage_b", { requestKey: "" })).rejects.toMatchObject({
        code: "invalid_argument",
        meta: { argument: "request_key" },
      });
    });

    it("passes over what was replayed, or has not failed for good, and says why", async () => {
      const failed = await failedMail("outage_d");
      const recovered = await failingMail(TwirpErrorCode.Unavailable, "outage_d");
      await expect.poll(() => types(recovered)).toContain("FAILED");
      service.peers.before = () => undefined;
      await expect.poll(() => state(recovered)).toBe(JobState.COMPLETED);
      expect((await replay("outage_d")).jobs.map(({ fromJobId }) => fromJobId)).toEqual([failed]);
      const again = await replay("outage_d");
      expect(again.jobs).toEqual([]);
      expect(again.skipped).toEqual([
        { jobId: failed, reason: expect.stringMatching(/^it was replayed already, as /) },
        { jobId: recovered, reason: "it is completed" },
      ]);
    });

    it("only tells what it would do when run dry, and keeps to limit and rate", async () => {
      await service.client.PauseQueue({ queue: "callback", reason: "" });
      const failed = [await failedMail("outage_e"), await failedMail("outage_e"), await failedMail("outage_e")];
      const dry = await replay("outage_e", { dryRun: true, requestKey: "" });
      expect(dry.jobs.map(({ fromJobId, toJobId }) => [fromJobId, toJobId])).toEqual(failed.map((id) => [id, ""]));
      expect(dry.replayedAt).toBeUndefined();
      await service.client.PauseQueue({ queue: "email", reason: "" });
      const { jobs, more } = await replay("outage_e", { limit: 2, ratePerSecond: 1 });
      expect(jobs.map(({ fromJobId }) => fromJobId)).toEqual(failed.slice(0, 2));
      expect(more).toBe(true);
      const times = jobs.map(({ runAt }) => Timestamp.toDate(runAt ?? Timestamp.create()).getTime());
      expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(1_000);
      expect((await replay("outage_e")).jobs.map(({ fromJobId }) => fromJobId)).toEqual(failed.slice(2));
    });
  });

  describe("PauseQueue", () => {
    it("lets no job start until the queue is resumed, and tells who paused it", async () => {
      await service.client.PauseQueue({ queue: "email", reason: "SMTP maintenance" });
      const { pause } = await service.client.PauseQueue({ queue: "email", reason: "again" });
      expect(pause).toMatchObject({ actor: "application:local", reason: "SMTP maintenance" });
      const { jobId } = await service.client.EnqueueEmail(emailOrder());
      // Whoever asks gets nothing: not this service's workers, nor any other client of the table.
      expect(await service.boss.fetch("email")).toEqual([]);
      expect(await state(jobId)).toBe(JobState.QUEUED);
      const { queues } = await service.client.GetQueueStats({});
      expect(queues.find(({ queue }) => queue === "email")).toMatchObject({ ready: 1, pause });
      expect(await service.client.ResumeQueue({ queue: "email", reason: "done" })).toEqual({ wasPaused: true });
      expect(await service.client.ResumeQueue({ queue: "email", reason: "done" })).toEqual({ wasPaused: false });
      await expect.poll(() => state(jobId)).toBe(JobState.COMPLETED);
      const { events: found } = await service.client.SearchJobEvents({
        filter: JobEventFilter.create({
          types: [JobEventType.QUEUE_PAUSED, JobEventType.QUEUE_RESUMED],
          queue: "email",
        }),
        pageSize: 2,
        pageToken: "",
      });
      expect(found).toMatchObject([
        { type: JobEventType.QUEUE_RESUMED, jobId: "", reason: "done" },
        { type: JobEventType.QUEUE_PAUSED, jobId: "", reason: "SMTP maintenance" },
      ]);
    });
  });
});
