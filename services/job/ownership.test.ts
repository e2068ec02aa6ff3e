import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ListJobsRequest } from "../../gen/twirp/mcsv/v1/job";
import { emailOrder } from "./testing/orders";
import { startJobService, type TestJobService } from "./testing/start-job-service";

describe("a user", () => {
  let service: TestJobService;
  beforeAll(async () => {
    service = await startJobService({ work: false });
  });
  afterAll(() => service.stop());

  const ada = randomUUID();
  const bob = randomUUID();
  const jobOf = async (userId: string) => (await service.client.EnqueueEmail({ ...emailOrder(), userId })).jobId;
  const listAs = async (userId: string, request: Partial<ListJobsRequest> = {}) =>
    (await service.as(userId).ListJobs(ListJobsRequest.create(request))).jobs.map(({ id }) => id);

  it("sees its own jobs, and gets the same answer for another's as for one that does not exist", async () => {
    const jobId = await jobOf(ada);
    await expect(service.as(ada).GetJob({ jobId })).resolves.toMatchObject({ job: { id: jobId, userId: ada } });
    const absent = randomUUID();
    await expect(service.as(bob).GetJob({ jobId })).rejects.toMatchObject({
      code: "not_found",
      msg: "no such job",
      meta: { job_id: jobId },
    });
    await expect(service.as(bob).GetJob({ jobId: absent })).rejects.toMatchObject({
      code: "not_found",
      msg: "no such job",
      meta: { job_id: absent },
    });
  });

  it("lists its own jobs only, whatever it asks for; an application lists those of all", async () => {
    const [adas, bobs] = [await jobOf(ada), await jobOf(bob)];
    expect(await listAs(bob)).toEqual([bobs]);
    expect(await listAs(bob, { userId: bob, queue: "email" })).toEqual([bobs]);
    expect(await listAs(ada)).toContain(adas);
    expect(await listAs(ada)).not.toContain(bobs);
    await expect(listAs(bob, { userId: ada })).rejects.toMatchObject({
      code: "permission_denied",
      meta: { argument: "user_id" },
    });
    const { jobs } = await service.client.ListJobs(ListJobsRequest.create());
    expect(jobs.map(({ id }) => id)).toEqual(expect.arrayContaining([adas, bobs]));
  });
});
