import { MatchersV3 } from "@pact-foundation/pact";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EmailService } from "../../../gen/twirp/mcsv/v1/email";
import { ImageService } from "../../../gen/twirp/mcsv/v1/image";
import { UserService } from "../../../gen/twirp/mcsv/v1/user";
import { emailCallback, imageCallback } from "../../../services/job/callback-jobs";
import { startCallbackWorker } from "../../../services/job/callback-worker";
import { startEmailWorker } from "../../../services/job/email-worker";
import { startImageConversionWorker } from "../../../services/job/image-conversion-worker";
import { emailJobData, imageConversionJobData } from "../../../services/job/job-data";
import { EMAIL_QUEUE, IMAGE_CONVERSION_QUEUE } from "../../../services/job/queues";
import type { FollowUp } from "../../../services/platform/queue/queued-job";
import { conversionCompleteMail, welcomeMail } from "../../../services/user/mails";
import {
  ADA,
  AT_JSON,
  CONVERSION,
  CONVERSION_JOB,
  DELIVERY,
  NOBODY,
  OPTIONS,
  OPTIONS_JSON,
  PDF,
  WELCOME_JOB,
} from "./examples";
import { type JobConsumer, type JobOutcome, startJobConsumer } from "./job-consumer";
import { convertedPdf, httpUrl, int64, timestamp, twirpError } from "./matchers";
import { type Interaction, type PactRecorder, recordPact } from "./record-pact";

const { fromProviderState, string } = MatchersV3;

describe("what the job service expects", () => {
  let consumer: JobConsumer;
  let ofEmail: PactRecorder;
  let ofImage: PactRecorder;
  let ofUser: PactRecorder;

  beforeAll(async () => {
    ofEmail = await recordPact({ consumer: "job", provider: "email", service: EmailService });
    ofImage = await recordPact({ consumer: "job", provider: "image", service: ImageService });
    ofUser = await recordPact({ consumer: "job", provider: "user", service: UserService });
    consumer = await startJobConsumer();
  });
  afterAll(async () => {
    await consumer.stop();
    await ofEmail.expectCommitted();
    await ofImage.expectCommitted();
    await ofUser.expectCommitted();
  });
  beforeEach(() => consumer.clear());

  const run: JobConsumer["run"] = (...job) => consumer.run(...job);

  describe("of the email service", () => {
    const { email = { content: { oneofKind: undefined } } } = welcomeMail(ADA);
    const job = {
      queue: EMAIL_QUEUE,
      id: WELCOME_JOB,
      data: emailJobData({ idempotencyKey: "", userId: ADA.id, email }),
    };
    const welcome = {
      job_id: WELCOME_JOB,
      email: { recipient: { address: ADA.email, name: ADA.name }, welcome: {} },
    };
    const delivery = (template: string) => ({
      delivery: {
        message_id: string(DELIVERY.messageId),
        template,
        recipient_address: ADA.email,
        delivered_at: timestamp(),
      },
    });
    const play = async (interaction: Interaction, mail = job) => {
      let outcome: JobOutcome | undefined;
      await ofEmail.play(interaction, async (url) => {
        outcome = await run([startEmailWorker, "email"], url, mail);
      });
      return outcome;
    };

    it("sends a welcome mail", async () => {
      const outcome = await play({
        receives: "a welcome mail",
        method: "SendEmail",
        request: welcome,
        response: delivery("EMAIL_TEMPLATE_WELCOME"),
      });
      const result = { template: "EMAIL_TEMPLATE_WELCOME", recipientAddress: ADA.email };
      expect(outcome).toMatchObject({ state: "completed", output: { result }, callbacks: 1 });
    });

    it("sends a mail that tells of a PDF", async () => {
      const url = "http://127.0.0.1:9000/mcsv/pdf/lake.pdf?X-Amz-Signature=0";
      const order = conversionCompleteMail(ADA, {
        conversionId: CONVERSION,
        fileName: "lake.png",
        url,
        urlExpiresAt: new Date(AT_JSON),
        bytes: 4_096n,
      });
      const outcome = await play(
        {
          receives: "a mail that tells of a PDF",
          method: "SendEmail",
          request: {
            job_id: WELCOME_JOB,
            email: {
              recipient: { address: ADA.email, name: ADA.name },
              conversion_complete: {
                conversion_id: CONVERSION,
                file_name: "lake.png",
                pdf_url: httpUrl(url),
                pdf_url_expires_at: timestamp(),
                pdf_bytes: int64("4096"),
              },
            },
          },
          response: delivery("EMAIL_TEMPLATE_CONVERSION_COMPLETE"),
        },
        {
          ...job,
          data: emailJobData({ idempotencyKey: "", userId: ADA.id, email: order.email ?? email }),
        },
      );
      expect(outcome).toMatchObject({ state: "completed", callbacks: 1 });
    });

    it("answers a mail that was sent before as if it had been sent now", async () => {
      const outcome = await play({
        given: "the mail of Ada's welcome job was sent",
        receives: "a welcome mail that was sent before",
        method: "SendEmail",
        request: welcome,
        response: delivery("EMAIL_TEMPLATE_WELCOME"),
      });
      expect(outcome).toMatchObject({ state: "completed", callbacks: 1 });
    });

    it("refuses another mail of a job, which fails for good", async () => {
      const outcome = await play({
        given: "another mail of Ada's welcome job was sent",
        receives: "a welcome mail of a job that has sent another mail",
        method: "SendEmail",
        request: welcome,
        status: 409,
        response: twirpError("already_exists", "the job has sent another mail"),
      });
      expect(outcome).toMatchObject({ state: "failed", output: { code: "already_exists" }, callbacks: 1 });
    });

    it("says that the SMTP server has refused for good, which fails the job", async () => {
      const outcome = await play({
        given: "the SMTP server refuses Ada for good",
        receives: "a welcome mail that is refused",
        method: "SendEmail",
        request: welcome,
        status: 412,
        response: twirpError("failed_precondition", "the SMTP server refused: 550"),
      });
      expect(outcome).toMatchObject({ state: "failed", output: { code: "failed_precondition" }, callbacks: 1 });
    });

    it("says that the SMTP server asks to try later, which is done", async () => {
      const outcome = await play({
        given: "the SMTP server asks to try later",
        receives: "a welcome mail that is put off",
        method: "SendEmail",
        request: welcome,
        status: 503,
        response: twirpError("unavailable", "the SMTP server asked to try later: 451"),
      });
      expect(outcome).toMatchObject({ state: "retry", output: { code: "unavailable" }, callbacks: 0 });
    });
  });

  describe("of the image service", () => {
    const sourceUrl = "http://127.0.0.1:9000/mcsv/uploads/lake?X-Amz-Signature=0";
    const request = {
      job_id: CONVERSION_JOB,
      // Only the provider knows a URL of its object store that is signed.
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Pact's expression, which the provider state fills in
      source_url: fromProviderState("${source_url}", sourceUrl),
      options: OPTIONS_JSON,
    };
    const play = async (interaction: Interaction) => {
      let outcome: JobOutcome | undefined;
      await ofImage.play(interaction, async (url) => {
        const data = imageConversionJobData({
          idempotencyKey: "",
          userId: ADA.id,
          conversionId: CONVERSION,
          sourceUrl,
          options: OPTIONS,
        });
        const job = { queue: IMAGE_CONVERSION_QUEUE, id: CONVERSION_JOB, data };
        outcome = await run([startImageConversionWorker, "image"], url, job);
      });
      return outcome;
    };

    it("converts an image", async () => {
      const outcome = await play({
        given: "there is a PNG behind the URL",
        receives: "the conversion of a PNG",
        method: "ConvertImage",
        request,
        response: { pdf: convertedPdf(CONVERSION_JOB) },
      });
      expect(outcome).toMatchObject({
        state: "completed",
        output: { result: { objectKey: PDF.objectKey, outputBytes: "4096" } },
        callbacks: 1,
      });
    });

    it.each([
      ["there is a text behind the URL", "invalid_argument", 400, "not a PNG or JPEG"],
      ["there is nothing behind the URL", "not_found", 404, "no object behind the URL"],
      ["the URL is of another bucket", "permission_denied", 403, "not of this object store"],
    ] as const)("says why it does not when %s, which fails the job", async (given, code, status, message) => {
      const outcome = await play({
        given,
        receives: `a conversion, when ${given}`,
        method: "ConvertImage",
        request,
        status,
        response: twirpError(code, message),
      });
      expect(outcome).toMatchObject({ state: "failed", output: { code }, callbacks: 1 });
    });
  });

  describe("of the user service", () => {
    const play = async (interaction: Interaction, callback: FollowUp) => {
      let outcome: JobOutcome | undefined;
      await ofUser.play(interaction, async (url) => {
        outcome = await run([startCallbackWorker, "user"], url, callback);
      });
      return outcome;
    };
    const delivered = {
      job_id: WELCOME_JOB,
      delivery: {
        message_id: DELIVERY.messageId,
        template: "EMAIL_TEMPLATE_WELCOME",
        recipient_address: ADA.email,
        delivered_at: timestamp(),
      },
    };
    const failure = { code: "failed_precondition", message: "the SMTP server refused" };
    const failed = { code: failure.code, message: string(failure.message) };

    it("takes that a mail was delivered", async () => {
      const outcome = await play(
        {
          given: "Ada is a user",
          receives: "that Ada's welcome mail was delivered",
          method: "NotifyEmailDelivered",
          request: { ...delivered, user_id: ADA.id },
          response: {},
        },
        emailCallback(WELCOME_JOB, ADA.id, { oneofKind: "delivery", delivery: DELIVERY }),
      );
      expect(outcome).toMatchObject({ state: "completed" });
    });

    it("takes that a mail was delivered once more", async () => {
      const outcome = await play(
        {
          given: "Ada's welcome mail was delivered",
          receives: "once more that Ada's welcome mail was delivered",
          method: "NotifyEmailDelivered",
          request: { ...delivered, user_id: ADA.id },
          response: {},
        },
        emailCallback(WELCOME_JOB, ADA.id, { oneofKind: "delivery", delivery: DELIVERY }),
      );
      expect(outcome).toMatchObject({ state: "completed" });
    });

    it("takes that a mail has failed", async () => {
      const outcome = await play(
        {
          given: "Ada is a user",
          receives: "that Ada's welcome mail has failed",
          method: "NotifyEmailDelivered",
          request: { job_id: WELCOME_JOB, user_id: ADA.id, failure: failed },
          response: {},
        },
        emailCallback(WELCOME_JOB, ADA.id, { oneofKind: "failure", failure }),
      );
      expect(outcome).toMatchObject({ state: "completed" });
    });

    it("says that it does not know the user, which fails the callback", async () => {
      const outcome = await play(
        {
          receives: "that a mail of a user whom nobody knows was delivered",
          method: "NotifyEmailDelivered",
          request: { ...delivered, user_id: NOBODY },
          status: 404,
          response: twirpError("not_found", "no such user"),
        },
        emailCallback(WELCOME_JOB, NOBODY, { oneofKind: "delivery", delivery: DELIVERY }),
      );
      expect(outcome).toMatchObject({ state: "failed", output: { code: "not_found" } });
    });

    const ids = { jobId: CONVERSION_JOB, userId: ADA.id, conversionId: CONVERSION };

    it("takes that an image was converted", async () => {
      const outcome = await play(
        {
          given: "Ada's conversion is pending",
          receives: "that Ada's image was converted",
          method: "NotifyImageConverted",
          request: { job_id: CONVERSION_JOB, conversion_id: CONVERSION, pdf: convertedPdf(CONVERSION_JOB) },
          response: {},
        },
        imageCallback(ids, { oneofKind: "pdf", pdf: PDF }),
      );
      expect(outcome).toMatchObject({ state: "completed" });
    });

    it("takes that a conversion has failed", async () => {
      const outcome = await play(
        {
          given: "Ada's conversion is pending",
          receives: "that Ada's conversion has failed",
          method: "NotifyImageConverted",
          request: { job_id: CONVERSION_JOB, conversion_id: CONVERSION, failure: failed },
          response: {},
        },
        imageCallback(ids, { oneofKind: "failure", failure }),
      );
      expect(outcome).toMatchObject({ state: "completed" });
    });

    it("says that it does not know the conversion, which fails the callback", async () => {
      const outcome = await play(
        {
          receives: "that a conversion that nobody ordered has failed",
          method: "NotifyImageConverted",
          request: { job_id: CONVERSION_JOB, conversion_id: NOBODY, failure: failed },
          status: 404,
          response: twirpError("not_found", "no such conversion"),
        },
        imageCallback({ ...ids, conversionId: NOBODY }, { oneofKind: "failure", failure }),
      );
      expect(outcome).toMatchObject({ state: "failed", output: { code: "not_found" } });
    });
  });
});
