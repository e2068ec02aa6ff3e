import { TwirpErrorCode } from "twirp-ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Job, JobState } from "../../gen/twirp/mcsv/v1/job";
import { internal, invalidArgument, resourceExhausted, twirpError, unavailable } from "../platform/twirp/errors";
import { conversionOrder, emailOrder, welcome } from "./testing/orders";
import { startJobService, type TestJobService } from "./testing/start-job-service";

describe("workers", () => {
  let service: TestJobService;
  beforeAll(async () => {
    service = await startJobService({ work: true, attemptTimeoutMs: 1_500, heartbeatIntervalMs: 100 });
  });
  afterEach(() => {
    service.peers.before = () => undefined;
  });
  afterAll(() => service.stop());

  async function getJob(jobId: string): Promise<Job | undefined> {
    return (await service.client.GetJob({ jobId })).job;
  }
  async function ended(jobId: string): Promise<Job | undefined> {
    const over: (JobState | undefined)[] = [JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED];
    await expect.poll(async () => over.includes((await getJob(jobId))?.state), { timeout: 15_000 }).toBe(true);
    return getJob(jobId);
  }
  const emailCallbacks = (jobId: string) => service.peers.emailCallbacks.filter((call) => call.jobId === jobId);
  const imageCallbacks = (jobId: string) => service.peers.imageCallbacks.filter((call) => call.jobId === jobId);

  it("send a mail and tell the user service about its delivery", async () => {
    const order = emailOrder();
    const { jobId } = await service.client.EnqueueEmail(order);
    const job = await ended(jobId);
    const delivery = {
      messageId: `${jobId}@mcsv.example`,
      template: 1,
      recipientAddress: "ada@example.com",
      deliveredAt: { seconds: 1_700_000_000n, nanos: 0 },
    };
    expect(job).toMatchObject({
      state: JobState.COMPLETED,
      attempt: 1,
      result: { oneofKind: "email", email: delivery },
    });
    expect([job?.startedAt, job?.endedAt, job?.lastFailure]).toEqual([expect.anything(), expect.anything(), undefined]);
    await expect
      .poll(() => emailCallbacks(jobId))
      .toEqual([{ jobId, userId: order.userId, outcome: { oneofKind: "delivery", delivery } }]);
    expect(service.peers.emails.filter((call) => call.jobId === jobId)).toEqual([{ jobId, email: order.email }]);
  });

  it("convert an image and tell the user service about the PDF", async () => {
    const order = conversionOrder();
    const { jobId } = await service.client.EnqueueImageConversion(order);
    const pdf = {
      objectKey: `pdf/${jobId}.pdf`,
      sourceFormat: 1,
      widthPx: 640,
      heightPx: 480,
      inputBytes: 12_345n,
      outputBytes: 5_000_000_000n,
      durationMs: 40,
    };
    expect(await ended(jobId)).toMatchObject({ state: JobState.COMPLETED, result: { oneofKind: "pdf", pdf } });
    await expect
      .poll(() => imageCallbacks(jobId))
      .toEqual([{ jobId, conversionId: order.conversionId, outcome: { oneofKind: "pdf", pdf } }]);
    const { sourceUrl, options } = order;
    expect(service.peers.conversions.filter((call) => call.jobId === jobId)).toEqual([{ jobId, sourceUrl, options }]);
  });

  it("refuse the key of a mail that was sent with other content, and answer a repetition without sending again", async () => {
    const order = emailOrder();
    const { jobId } = await service.client.EnqueueEmail(order);
    await ended(jobId);
    expect(await service.client.EnqueueEmail(order)).toEqual({ jobId, existing: true });
    await expect(service.client.EnqueueEmail({ ...order, email: welcome("eve@example.com") })).rejects.toMatchObject({
      code: "already_exists",
      meta: { argument: "idempotency_key" },
    });
    expect(service.peers.emails.filter((call) => call.jobId === jobId)).toHaveLength(1);
  });

  it("try again what failed for a while, and remember why", async () => {
    let calls = 0;
    service.peers.before = (method) => {
      if (method === "ConvertImage" && ++calls < 3) {
        throw calls === 1 ? resourceExhausted("all workers are busy") : unavailable("object store cannot be reached");
      }
    };
    const { jobId } = await service.client.EnqueueImageConversion(conversionOrder());
    await expect.poll(async () => (await getJob(jobId))?.state).toBe(JobState.RETRYING);
    // A full service costs no attempt.
    expect(await getJob(jobId)).toMatchObject({
      attempt: 0,
      maxAttempts: 3,
      lastFailure: { code: "resource_exhausted", message: "all workers are busy" },
    });
    expect(await ended(jobId)).toMatchObject({
      state: JobState.COMPLETED,
      attempt: 2,
      lastFailure: { code: "unavailable", message: "object store cannot be reached" },
      result: { oneofKind: "pdf" },
    });
    await expect.poll(() => imageCallbacks(jobId)).toHaveLength(1);
  });

  it("report a failure for good once, and leave a dead letter", async () => {
    service.peers.before = (method) => {
      if (method === "SendEmail") {
        throw unavailable("the SMTP server cannot be reached");
      }
    };
    const order = emailOrder();
    const { jobId } = await service.client.EnqueueEmail(order);
    const failure = { code: "unavailable", message: "the SMTP server cannot be reached" };
    expect(await ended(jobId)).toMatchObject({
      state: JobState.FAILED,
      attempt: 3,
      maxAttempts: 3,
      lastFailure: failure,
      endedAt: expect.anything(),
    });
    await expect
      .poll(() => emailCallbacks(jobId))
      .toEqual([{ jobId, userId: order.userId, outcome: { oneofKind: "failure", failure } }]);
    const { jobs } = await service.client.ListJobs({
      queue: "email-dead",
      state: JobState.UNSPECIFIED,
      userId: order.userId,
      pageSize: 0,
      pageToken: "",
    });
    expect(jobs).toMatchObject([
      { queue: "email-dead", state: JobState.QUEUED, userId: order.userId, lastFailure: failure },
    ]);
    await expect(service.client.EnqueueEmail({ ...order, email: welcome("eve@example.com") })).rejects.toMatchObject({
      code: "already_exists",
    });
  });

  it.each([
    ["invalid_argument", invalidArgument("options.density_dpi", "is no density"), "options.density_dpi is no density"],
    [
      "resource_exhausted",
      resourceExhausted("image too large", { limit: "width", permanent: "true" }),
      "image too large",
    ],
    ["failed_precondition", twirpError(TwirpErrorCode.FailedPrecondition, "not now, not ever"), "not now, not ever"],
  ])("fail a job at once on a permanent %s", async (code, error, message) => {
    service.peers.before = (method) => {
      if (method === "ConvertImage") {
        throw error;
      }
    };
    const { jobId } = await service.client.EnqueueImageConversion(conversionOrder());
    const failure = { code, message };
    expect(await ended(jobId)).toMatchObject({ state: JobState.FAILED, attempt: 1, lastFailure: failure });
    await expect.poll(() => imageCallbacks(jobId)).toMatchObject([{ outcome: { oneofKind: "failure", failure } }]);
  });

  it("end a call that hangs, and tell the called service so", async () => {
    const given: boolean[] = [];
    service.peers.before = async (method, _, { signal }) => {
      if (method === "ConvertImage" && given.length === 0) {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        given.push(signal.aborted);
      }
    };
    const { jobId } = await service.client.EnqueueImageConversion(conversionOrder());
    expect(await ended(jobId)).toMatchObject({
      state: JobState.COMPLETED,
      attempt: 2,
      lastFailure: { code: "deadline_exceeded" },
    });
    expect(given).toEqual([true]);
  });

  it("tell nothing of what broke inside", async () => {
    service.peers.before = (method) => {
      if (method === "SendEmail") {
        throw internal(new Error("password=hunter2 at /srv/secret.ts:1"));
      }
    };
    const { jobId } = await service.client.EnqueueEmail(emailOrder());
    const job = await ended(jobId);
    expect(job?.lastFailure?.code).toBe("internal");
    expect(job?.lastFailure?.message).toMatch(/^internal error/);
    expect(job?.lastFailure?.message).not.toContain("hunter2");
  });

  it("try callbacks again, for mails and images alike, until they are taken", async () => {
    const refused = new Set<string>();
    service.peers.before = (method, jobId) => {
      if (method.startsWith("Notify") && !refused.has(jobId)) {
        refused.add(jobId);
        throw unavailable("the user service starts");
      }
    };
    const { jobId } = await service.client.EnqueueEmail(emailOrder());
    await expect.poll(() => emailCallbacks(jobId).length, { timeout: 10_000 }).toBe(2);
  });
});
