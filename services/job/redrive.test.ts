import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JobState } from "../../gen/twirp/mcsv/v1/job";
import { invalidArgument, unavailable } from "../platform/twirp/errors";
import { emailOrder } from "./testing/orders";
import { startJobService, type TestJobService } from "./testing/start-job-service";

describe("RedriveQueue", () => {
  let service: TestJobService;
  const broken = new Set<string>();
  beforeAll(async () => {
    service = await startJobService({ work: true, pollIntervalMs: 50 });
    service.peers.before = (method, jobId) => {
      if (method === "SendEmail" && broken.has(jobId)) {
        throw invalidArgument("email", "is not to the server's liking");
      }
    };
  });
  afterAll(() => service.stop());

  const getJob = async (jobId: string) => (await service.client.GetJob({ jobId })).job;
  const state = async (jobId: string) => (await getJob(jobId))?.state;
  const letters = async () =>
    (await service.client.ListJobs({ queue: "email-dead", state: 0, userId: "", pageSize: 0, pageToken: "" })).jobs;
  const redrive = async (limit = 0) => (await service.client.RedriveQueue({ queue: "email", limit })).redriven;

  /** Orders mails that fail for good, one after the other. */
  async function failed(count: number): Promise<string[]> {
    const ids: string[] = [];
    const before = (await letters()).length;
    for (let n = 1; n <= count; n++) {
      // The id is known once the order is in, so the order lies in the future until it is known to be broken.
      const order = emailOrder();
      const { jobId } = await service.client.EnqueueEmail({ ...order, jobOptions: later });
      broken.add(jobId);
      await service.boss.database.pool.query("UPDATE pgboss.job SET start_after = now() WHERE id = $1", [jobId]);
      await expect.poll(async () => (await letters()).length).toBe(before + n);
      ids.push(jobId);
    }
    return ids;
  }
  const later = {
    priority: 0,
    uniqueKey: "",
    runAt: { seconds: BigInt(Math.floor(Date.now() / 1_000) + 600), nanos: 0 },
  };

  it("lets jobs that failed for good run again under their ids, with all their attempts, and removes the letters", async () => {
    const [jobId = ""] = await failed(1);
    expect(await state(jobId)).toBe(JobState.FAILED);
    broken.clear();
    let failures = 0;
    const before = service.peers.before;
    service.peers.before = (method) => {
      if (method === "SendEmail" && ++failures <= 2) {
        throw unavailable("still away");
      }
    };
    expect(await redrive()).toBe(1);
    expect(await letters()).toEqual([]);
    await expect.poll(() => state(jobId)).toBe(JobState.COMPLETED);
    service.peers.before = before;
    // One attempt failed for good, two of the new ones failed, and the third one made it.
    expect(await getJob(jobId)).toMatchObject({ attempt: 4, maxAttempts: 4 });
    const callbacks = () => service.peers.emailCallbacks.filter((call) => call.jobId === jobId);
    await expect.poll(() => callbacks().map(({ outcome }) => outcome.oneofKind)).toEqual(["failure", "delivery"]);
  });

  it("takes the oldest first, no more than it is told, and none twice", async () => {
    const ids = await failed(3);
    broken.clear();
    expect(await redrive(2)).toBe(2);
    expect((await letters()).length).toBe(1);
    await expect
      .poll(() => Promise.all(ids.map(state)))
      .toEqual([JobState.COMPLETED, JobState.COMPLETED, JobState.FAILED]);
    expect((await Promise.all([redrive(), redrive(), redrive()])).toSorted()).toEqual([0, 0, 1]);
    await expect.poll(() => Promise.all(ids.map(state))).toEqual(Array(3).fill(JobState.COMPLETED));
  });

  it("makes a job again whose row is gone, under the same id", async () => {
    const [jobId = ""] = await failed(1);
    broken.clear();
    await service.boss.deleteJob("email", jobId);
    expect(await redrive()).toBe(1);
    await expect.poll(() => state(jobId)).toBe(JobState.COMPLETED);
    expect(service.peers.emails.filter((call) => call.jobId === jobId)).toHaveLength(2);
  });

  it("leaves a job alone that runs again already", async () => {
    const [jobId = ""] = await failed(1);
    broken.clear();
    await service.boss.retry("email", jobId);
    await expect.poll(() => state(jobId)).toBe(JobState.COMPLETED);
    expect(await redrive()).toBe(0);
    expect(await state(jobId)).toBe(JobState.COMPLETED);
    expect(await letters()).toEqual([]);
  });
});
