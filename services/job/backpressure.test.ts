import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JobOptions } from "../../gen/twirp/mcsv/v1/job";
import { conversionOrder, emailOrder, welcome } from "./testing/orders";
import { startJobService, type TestJobService } from "./testing/start-job-service";

const MAX_DEPTH = 3;
const FULL = { code: "resource_exhausted", meta: { limit: "queue_depth", max_depth: "3", retry_after_ms: "5000" } };

describe("a queue as long as it may be", () => {
  let service: TestJobService;
  beforeAll(async () => {
    service = await startJobService({ work: false, maxQueueDepth: MAX_DEPTH });
  });
  afterAll(() => service.stop());

  it("takes no further job, answers for those it has, and takes jobs again once some were worked off", async () => {
    const orders = Array.from({ length: MAX_DEPTH }, (_, n) =>
      emailOrder({ jobOptions: JobOptions.create({ uniqueKey: `unique-${n}` }) }),
    );
    const ids: string[] = [];
    for (const order of orders) {
      ids.push((await service.client.EnqueueEmail(order)).jobId);
    }
    const further = emailOrder();
    await expect(service.client.EnqueueEmail(further)).rejects.toMatchObject(FULL);

    // What is there is no further job.
    const [first] = orders;
    expect(await service.client.EnqueueEmail(first ?? further)).toEqual({ jobId: ids[0], existing: true });
    const sameUniqueKey = emailOrder({ jobOptions: JobOptions.create({ uniqueKey: "unique-1" }) });
    expect(await service.client.EnqueueEmail(sameUniqueKey)).toEqual({ jobId: ids[1], existing: true });
    await expect(
      service.client.EnqueueEmail({ ...(first ?? further), email: welcome("eve@example.com") }),
    ).rejects.toMatchObject({ code: "already_exists" });

    // Every queue has a length of its own.
    await service.client.EnqueueImageConversion(conversionOrder());

    await service.boss.fetch("email");
    await expect
      .poll(() => service.client.EnqueueEmail(further).catch((error) => error.code))
      .toMatchObject({
        existing: false,
      });
    await expect(service.client.EnqueueEmail(emailOrder())).rejects.toMatchObject(FULL);
  });

  it("is not exceeded by many calls at once", async () => {
    const calls = await Promise.allSettled(
      Array.from({ length: 40 }, () => service.client.EnqueueImageConversion(conversionOrder())),
    );
    const taken = calls.filter(({ status }) => status === "fulfilled").length;
    // One is there from before.
    expect(taken).toBe(MAX_DEPTH - 1);
  });
});
