import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import { Quality } from "../../gen/twirp/mcsv/v1/image";
import { JobState } from "../../gen/twirp/mcsv/v1/job";
import { jobId } from "../platform/ids/deterministic-id";
import { conversionOrder, emailOrder, welcome } from "./testing/orders";
import { startJobService, type TestJobService } from "./testing/start-job-service";

describe("JobService without workers", () => {
  let service: TestJobService;
  beforeAll(async () => {
    service = await startJobService({ work: false });
  });
  afterEach(() => service.boss.deleteAllJobs());
  afterAll(() => service.stop());

  it("queues a mail under the id that its key stands for, and tells about it", async () => {
    const order = emailOrder();
    const before = Date.now();
    expect(await service.client.EnqueueEmail(order)).toEqual({
      jobId: jobId("email", order.idempotencyKey),
      existing: false,
    });
    const { job } = await service.client.GetJob({ jobId: jobId("email", order.idempotencyKey).toUpperCase() });
    expect(job).toMatchObject({
      id: jobId("email", order.idempotencyKey),
      queue: "email",
      state: JobState.QUEUED,
      attempt: 0,
      maxAttempts: 3,
      userId: order.userId,
      traceId: "",
      result: { oneofKind: undefined },
    });
    expect(Timestamp.toDate(job?.createdAt ?? Timestamp.create()).getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(job?.runAt).toEqual(job?.createdAt);
    expect([job?.startedAt, job?.endedAt, job?.lastFailure]).toEqual([undefined, undefined, undefined]);
  });

  it("answers a repetition as the first call, and makes one job of it", async () => {
    const order = emailOrder();
    const first = await service.client.EnqueueEmail(order);
    const repeated = { ...order, userId: order.userId.toUpperCase() };
    expect(await Promise.all([1, 2, 3].map(() => service.client.EnqueueEmail(repeated)))).toEqual(
      Array(3).fill({ ...first, existing: true }),
    );
    expect((await service.client.ListJobs(all())).jobs).toHaveLength(1);
  });

  it("refuses the key of a mail with other content", async () => {
    const order = emailOrder();
    await service.client.EnqueueEmail(order);
    for (const other of [{ userId: randomUUID() }, { email: welcome("grace@example.com") }]) {
      await expect(service.client.EnqueueEmail({ ...order, ...other })).rejects.toMatchObject({
        code: "already_exists",
        meta: { argument: "idempotency_key" },
      });
    }
  });

  it("refuses the key of a conversion with other content, but takes a fresh URL of the same source", async () => {
    const order = conversionOrder();
    const first = await service.client.EnqueueImageConversion(order);
    const fresh = { ...order, sourceUrl: `${order.sourceUrl}&X-Amz-Date=20300101T000000Z` };
    expect(await service.client.EnqueueImageConversion(fresh)).toEqual({ ...first, existing: true });
    const options = { ...(order.options ?? fail()), quality: Quality.HIGH };
    for (const other of [{ options }, { conversionId: randomUUID() }, { userId: randomUUID() }]) {
      await expect(service.client.EnqueueImageConversion({ ...order, ...other })).rejects.toMatchObject({
        code: "already_exists",
        meta: { argument: "idempotency_key" },
      });
    }
  });

  it("keeps keys of different queues apart", async () => {
    const idempotencyKey = randomUUID();
    const email = await service.client.EnqueueEmail(emailOrder({ idempotencyKey }));
    const conversion = await service.client.EnqueueImageConversion(conversionOrder({ idempotencyKey }));
    expect(email.jobId).not.toBe(conversion.jobId);
  });

  it("does not find a job that never was", async () => {
    await expect(service.client.GetJob({ jobId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
  });

  it("lists jobs of all queues newest first, page by page, each once, while new ones arrive", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 25; n++) {
      const enqueue =
        n % 3 === 0
          ? () => service.client.EnqueueImageConversion(conversionOrder())
          : () => service.client.EnqueueEmail(emailOrder());
      ids.unshift((await enqueue()).jobId);
    }
    const listed: string[] = [];
    let pageToken = "";
    do {
      const page = await service.client.ListJobs({ ...all(), pageSize: 10, pageToken });
      listed.push(...page.jobs.map(({ id }) => id));
      pageToken = page.nextPageToken;
      await service.client.EnqueueEmail(emailOrder());
    } while (pageToken !== "");
    expect(listed).toEqual(ids);
  });

  it("pages through jobs that were created in the same instant", async () => {
    const jobs = Array.from({ length: 21 }, () => ({ id: randomUUID(), data: { data: {}, trace: {} } }));
    await service.boss.insert("email", jobs);
    const listed: string[] = [];
    let pageToken = "";
    do {
      const page = await service.client.ListJobs({ ...all(), pageSize: 7, pageToken });
      expect(page.jobs).toHaveLength(7);
      listed.push(...page.jobs.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect([...listed].sort()).toEqual(jobs.map(({ id }) => id).sort());
  });

  it("lists the jobs of a queue, of a user, in a state", async () => {
    const mine = emailOrder();
    const { jobId: emailId } = await service.client.EnqueueEmail(mine);
    const { jobId: otherId } = await service.client.EnqueueEmail(emailOrder());
    const { jobId: imageId } = await service.client.EnqueueImageConversion(conversionOrder({ userId: mine.userId }));
    await service.boss.cancel("email", otherId);
    const list = async (over: object) =>
      (await service.client.ListJobs({ ...all(), ...over })).jobs.map(({ id }) => id);
    expect(await list({ queue: "image-conversion" })).toEqual([imageId]);
    expect(await list({ userId: mine.userId.toUpperCase() })).toEqual([imageId, emailId]);
    expect(await list({ state: JobState.CANCELLED })).toEqual([otherId]);
    expect(await list({ state: JobState.QUEUED, queue: "email" })).toEqual([emailId]);
    expect(await list({ state: JobState.ACTIVE })).toEqual([]);
  });

  it("counts every queue, dead-letter queues included, by name", async () => {
    await service.client.EnqueueEmail(emailOrder());
    await service.client.EnqueueEmail(emailOrder());
    await service.boss.insert("email", [{ id: randomUUID(), data: {}, startAfter: 60 }]);
    await service.boss.fetch("email");
    await expect
      .poll(async () => (await service.client.GetQueueStats({})).queues.find(({ queue }) => queue === "email"))
      .toMatchObject({ ready: 1, deferred: 1, active: 1, completed: 0, failed: 0, cancelled: 0 });
    const { queues } = await service.client.GetQueueStats({});
    expect(queues.map(({ queue }) => queue)).toEqual([
      "callback",
      "callback-dead",
      "email",
      "email-dead",
      "image-conversion",
      "image-conversion-dead",
    ]);
    const age = Number(queues.find(({ queue }) => queue === "email")?.oldestReadyAgeMs);
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThan(10_000);
    expect(queues.find(({ queue }) => queue === "callback")).toMatchObject({ ready: 0, oldestReadyAgeMs: 0n });
  });
});

function all() {
  return { queue: "", state: JobState.UNSPECIFIED, userId: "", pageSize: 0, pageToken: "" };
}

function fail(): never {
  throw new Error("the order has no options");
}
