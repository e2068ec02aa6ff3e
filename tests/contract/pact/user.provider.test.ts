import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UserService } from "../../../gen/twirp/mcsv/v1/user";
import { PNG } from "../../../services/user/testing/images";
import { startUserService, type TestUserService } from "../../../services/user/testing/start-user-service";
import { ADA, CONVERSION, CONVERSION_JOB, DELIVERY, KEYS, OPTIONS, PDF, WELCOME_JOB } from "./examples";
import { CODECS, verifyPact } from "./verify-pacts";

describe("the user service keeps its pacts", () => {
  let service: TestUserService;
  beforeAll(async () => {
    service = await startUserService({ withoutRelays: true });
  });
  afterAll(() => service.stop());

  const reset = async () => {
    await service.pool.query("TRUNCATE users CASCADE");
    await service.pool.query("DELETE FROM pgboss.job");
  };
  const createAda = async () => {
    const { user } = await service.application.CreateUser({
      idempotencyKey: KEYS.user,
      email: ADA.email,
      name: ADA.name,
    });
    expect(user?.id).toBe(ADA.id);
  };
  const orderConversion = async () => {
    await createAda();
    const { conversion } = await service.as(ADA.id).ConvertImage({
      idempotencyKey: KEYS.conversion,
      userId: "",
      fileName: "lake.png",
      options: OPTIONS,
      source: { oneofKind: "image", image: PNG },
    });
    expect(conversion?.id).toBe(CONVERSION);
  };
  const states = {
    "Ada is a user": createAda,
    "Ada's welcome mail was delivered": async () => {
      await createAda();
      const outcome = { oneofKind: "delivery", delivery: DELIVERY } as const;
      await service.jobService.NotifyEmailDelivered({ jobId: WELCOME_JOB, userId: ADA.id, outcome });
    },
    "Ada has announced an upload and uploaded nothing": async () => {
      await createAda();
      const upload = { idempotencyKey: KEYS.upload, userId: "", format: PDF.sourceFormat, sizeBytes: 70n };
      await service.as(ADA.id).CreateUpload(upload);
    },
    "Ada's conversion is pending": orderConversion,
    "Ada's conversion is completed": async () => {
      await orderConversion();
      const outcome = { oneofKind: "pdf", pdf: PDF } as const;
      await service.jobService.NotifyImageConverted({ jobId: CONVERSION_JOB, conversionId: CONVERSION, outcome });
    },
    "Ada's conversion has failed": async () => {
      await orderConversion();
      const outcome = {
        oneofKind: "failure",
        failure: { code: "invalid_argument", message: "not an image" },
      } as const;
      await service.jobService.NotifyImageConverted({ jobId: CONVERSION_JOB, conversionId: CONVERSION, outcome });
    },
  };

  it.each((["cli", "job"] as const).flatMap((consumer) => CODECS.map((codec) => [consumer, codec] as const)))(
    "with %s, spoken to in %s",
    async (consumer, codec) => {
      await verifyPact({
        consumer,
        provider: "user",
        auth: service.auth,
        url: service.url,
        service: UserService,
        codec,
        states,
        reset,
      });
    },
  );
});
