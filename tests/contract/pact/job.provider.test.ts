import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JobService, JobState } from "../../../gen/twirp/mcsv/v1/job";
import { startJobService, type TestJobService } from "../../../services/job/testing/start-job-service";
import { failedPrecondition } from "../../../services/platform/twirp/errors";
import { welcomeMail } from "../../../services/user/mails";
import { ADA, CONVERSION, CONVERSION_JOB, NOBODY, OPTIONS, WELCOME_JOB } from "./examples";
import { CODECS, verifyPact } from "./verify-pacts";

describe("the job service keeps its pacts", () => {
  let service: TestJobService;
  beforeAll(async () => {
    service = await startJobService({ work: true });
  });
  afterAll(() => service.stop());

  const reset = async () => {
    service.peers.before = () => undefined;
    await service.boss.database.pool.query("DELETE FROM pgboss.job");
  };
  const ended = async (jobId: string, state: JobState) => {
    await expect.poll(async () => (await service.client.GetJob({ jobId })).job?.state).toBe(state);
  };
  const orderConversion = (conversionId: string) =>
    service.client.EnqueueImageConversion({
      idempotencyKey: `conversion:${CONVERSION}`,
      userId: ADA.id,
      conversionId,
      sourceUrl: "http://127.0.0.1:9000/mcsv/uploads/lake?X-Amz-Signature=0",
      options: OPTIONS,
    });
  const states = {
    "Ada's welcome mail was sent": async () => {
      await service.client.EnqueueEmail(welcomeMail(ADA));
      await ended(WELCOME_JOB, JobState.COMPLETED);
    },
    "Ada's welcome mail was refused for good": async () => {
      service.peers.before = (method) => {
        if (method === "SendEmail") throw failedPrecondition("the SMTP server refused: 550");
      };
      await service.client.EnqueueEmail(welcomeMail(ADA));
      await ended(WELCOME_JOB, JobState.FAILED);
    },
    "Ada's image was converted": async () => {
      await orderConversion(CONVERSION);
      await ended(CONVERSION_JOB, JobState.COMPLETED);
    },
    "the key of Ada's conversion stands for another conversion": async () => {
      await orderConversion(NOBODY);
    },
  };

  it.each((["cli", "user"] as const).flatMap((consumer) => CODECS.map((codec) => [consumer, codec] as const)))(
    "with %s, spoken to in %s",
    async (consumer, codec) => {
      await verifyPact({
        consumer,
        auth: service.auth,
        provider: "job",
        url: service.url,
        service: JobService,
        codec,
        states,
        reset,
      });
    },
  );
});
