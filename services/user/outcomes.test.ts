import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import { EmailDelivery } from "../../gen/twirp/mcsv/v1/email";
import { ConvertedPdf } from "../../gen/twirp/mcsv/v1/image";
import { type Conversion, ConversionStatus } from "../../gen/twirp/mcsv/v1/user";
import { jobId } from "../platform/ids/deterministic-id";
import { invalidArgument } from "../platform/twirp/errors";
import { PNG } from "./testing/images";
import { startUserService, type TestUserService } from "./testing/start-user-service";

describe("what became of", () => {
  let service: TestUserService;
  beforeAll(async () => {
    service = await startUserService();
  });
  afterAll(() => service.stop());

  const newUser = async (name = "Ada") => {
    const id = randomUUID();
    const { user } = await service.application.CreateUser({ idempotencyKey: id, email: `${id}@example.com`, name });
    return user ?? expect.unreachable("no user");
  };
  const getUser = async (id: string) => (await service.application.GetUser({ key: { oneofKind: "id", id } })).user;
  const deliveredTo = (recipientAddress: string) =>
    EmailDelivery.create({
      messageId: `${randomUUID()}@mcsv.example`,
      template: 1,
      recipientAddress,
      deliveredAt: Timestamp.fromDate(new Date("2026-01-02T03:04:05.678Z")),
    });
  const delivered = (delivery: EmailDelivery) => ({ oneofKind: "delivery" as const, delivery });
  const failed = (message = "the mailbox is gone") => ({
    oneofKind: "failure" as const,
    failure: { code: "failed_precondition", message },
  });
  const emailCallbacks = (job: string) => service.peer.emailCallbacks.filter((call) => call.jobId === job);
  const imageCallbacks = (job: string) => service.peer.imageCallbacks.filter((call) => call.conversion?.jobId === job);
  const mailsAbout = (conversionId: string) =>
    service.peer.emails.filter(({ idempotencyKey }) => idempotencyKey === `conversion-complete:${conversionId}`);

  describe("a mail", () => {
    it("is kept on the user when it is the welcome mail, and relayed once, however often it is told", async () => {
      const { id: userId, welcomeJobId, email } = await newUser();
      const request = { jobId: welcomeJobId, userId, outcome: delivered(deliveredTo(email)) };
      await Promise.all(Array.from({ length: 20 }, () => service.jobService.NotifyEmailDelivered(request)));
      expect((await getUser(userId))?.welcomeDeliveredAt).toEqual(request.outcome.delivery.deliveredAt);
      await expect.poll(() => emailCallbacks(welcomeJobId)).toEqual([request]);
      const later = delivered({ ...request.outcome.delivery, deliveredAt: Timestamp.now() });
      await service.jobService.NotifyEmailDelivered({ ...request, jobId: welcomeJobId.toUpperCase(), outcome: later });
      expect((await getUser(userId))?.welcomeDeliveredAt).toEqual(request.outcome.delivery.deliveredAt);
      expect(await outboxSize("relay-email-delivered", welcomeJobId)).toBe(1);
    });

    it("is relayed but not kept on the user when it is another mail", async () => {
      const { id: userId, email } = await newUser();
      const job = jobId("email", `conversion-complete:${randomUUID()}`);
      await service.jobService.NotifyEmailDelivered({ jobId: job, userId, outcome: delivered(deliveredTo(email)) });
      await expect.poll(() => emailCallbacks(job)).toHaveLength(1);
      expect((await getUser(userId))?.welcomeDeliveredAt).toBeUndefined();
    });

    it("is relayed when it failed, and once more when a later attempt delivered it", async () => {
      const { id: userId, welcomeJobId, email } = await newUser();
      await service.jobService.NotifyEmailDelivered({ jobId: welcomeJobId, userId, outcome: failed() });
      await expect.poll(() => emailCallbacks(welcomeJobId)).toHaveLength(1);
      expect((await getUser(userId))?.welcomeDeliveredAt).toBeUndefined();
      const outcome = delivered(deliveredTo(email));
      await service.jobService.NotifyEmailDelivered({ jobId: welcomeJobId, userId, outcome });
      await service.jobService.NotifyEmailDelivered({ jobId: welcomeJobId, userId, outcome: failed("late") });
      await expect.poll(() => emailCallbacks(welcomeJobId)).toMatchObject([{ outcome: failed() }, { outcome }]);
      expect((await getUser(userId))?.welcomeDeliveredAt).toEqual(outcome.delivery.deliveredAt);
      expect(await outboxSize("relay-email-delivered", welcomeJobId)).toBe(2);
    });

    it("is refused for an unknown user, and for another user than before", async () => {
      const outcome = delivered(deliveredTo("ada@example.com"));
      const request = { jobId: randomUUID(), userId: (await newUser()).id, outcome };
      await expect(service.jobService.NotifyEmailDelivered({ ...request, userId: randomUUID() })).rejects.toMatchObject(
        {
          code: "not_found",
        },
      );
      await service.jobService.NotifyEmailDelivered(request);
      const { id: userId } = await newUser();
      await expect(service.jobService.NotifyEmailDelivered({ ...request, userId })).rejects.toMatchObject({
        code: "invalid_argument",
        meta: { argument: "user_id" },
      });
    });

    it("is stored whatever its Message-ID holds", async () => {
      const { id: userId, welcomeJobId } = await newUser();
      const delivery = { ...deliveredTo("ada@example.com"), messageId: "\0" };
      await service.jobService.NotifyEmailDelivered({ jobId: welcomeJobId, userId, outcome: delivered(delivery) });
      await expect.poll(() => emailCallbacks(welcomeJobId)).toHaveLength(1);
    });
  });

  describe("a conversion", () => {
    const pdfOf = ({ jobId: job }: Conversion) =>
      ConvertedPdf.create({
        objectKey: `pdf/${job}.pdf`,
        sourceFormat: 1,
        widthPx: 640,
        heightPx: 480,
        inputBytes: BigInt(PNG.length),
        outputBytes: 5_000_000_000n,
        durationMs: 12,
      });
    const newConversion = async (fileName = "photo.png") => {
      const user = await newUser("Grace");
      const { conversion } = await service.as(user.id).ConvertImage({
        idempotencyKey: randomUUID(),
        userId: "",
        fileName,
        source: { oneofKind: "image", image: PNG },
      });
      return { user, conversion: conversion ?? expect.unreachable("no conversion") };
    };
    const notify = (
      conversion: Conversion,
      outcome: { oneofKind: "pdf"; pdf: ConvertedPdf } | ReturnType<typeof failed>,
    ) => service.jobService.NotifyImageConverted({ jobId: conversion.jobId, conversionId: conversion.id, outcome });
    const getConversion = async ({ id: conversionId, userId }: Conversion) =>
      (await service.as(userId).GetConversion({ conversionId })).conversion ?? expect.unreachable("no conversion");

    it("is kept with its PDF, relayed once with a URL, and mailed once with one that lasts", async () => {
      const { user, conversion } = await newConversion("Ümläut (1).PNG");
      const pdf = pdfOf(conversion);
      await service.objectStore.putBytes(pdf.objectKey, Buffer.from("%PDF-"), { contentType: "application/pdf" });
      await Promise.all(Array.from({ length: 20 }, () => notify(conversion, { oneofKind: "pdf", pdf })));

      const ended = await getConversion(conversion);
      expect(ended).toMatchObject({ status: ConversionStatus.COMPLETED, pdf });
      expect(ended.endedAt).toBeDefined();
      const answer = await fetch(ended.pdfUrl);
      expect(await answer.text()).toBe("%PDF-");
      expect(answer.headers.get("content-disposition")).toContain("UTF-8''%C3%9Cml%C3%A4ut%20%281%29.pdf");
      expect(new URL(ended.pdfUrl).hostname).toBe("localhost");
      expect(secondsFromNow(ended.pdfUrlExpiresAt)).toBeCloseTo(600, -1);

      await expect.poll(() => imageCallbacks(conversion.jobId)).toHaveLength(1);
      const [callback] = imageCallbacks(conversion.jobId);
      expect(callback?.conversion).toMatchObject({ id: conversion.id, status: ConversionStatus.COMPLETED, pdf });
      expect((await fetch(callback?.conversion?.pdfUrl ?? "")).status).toBe(200);

      await expect.poll(() => mailsAbout(conversion.id)).toHaveLength(1);
      const mail = mailsAbout(conversion.id)[0];
      expect(mail).toMatchObject({ userId: user.id, email: { recipient: { address: user.email, name: "Grace" } } });
      const content = mail?.email?.content;
      const complete = content?.oneofKind === "conversionComplete" ? content.conversionComplete : expect.unreachable();
      expect(complete).toMatchObject({
        conversionId: conversion.id,
        fileName: "Ümläut (1).PNG",
        pdfBytes: 5_000_000_000n,
      });
      expect(secondsFromNow(complete.pdfUrlExpiresAt)).toBeCloseTo(3600, -2);
      expect(await (await fetch(complete.pdfUrl)).text()).toBe("%PDF-");
    });

    it("orders the mail with the same content again when the job service took it and its answer was lost", async () => {
      const { conversion } = await newConversion();
      service.peer.after = (method) => {
        if (method === "EnqueueEmail" && mailsAbout(conversion.id).length === 1) {
          throw new Error("the answer is lost");
        }
      };
      await notify(conversion, { oneofKind: "pdf", pdf: pdfOf(conversion) });
      // The peer takes a repetition only with the same content.
      await expect.poll(() => mailsAbout(conversion.id)).toHaveLength(2);
      service.peer.after = () => undefined;
      expect(mailsAbout(conversion.id)[1]).toEqual(mailsAbout(conversion.id)[0]);
    });

    it("is kept with its failure, relayed, and not mailed", async () => {
      const { conversion } = await newConversion();
      await notify(conversion, failed("no PNG"));
      const ended = await getConversion(conversion);
      expect(ended).toMatchObject({
        status: ConversionStatus.FAILED,
        failure: { code: "failed_precondition", message: "no PNG" },
        pdfUrl: "",
      });
      await expect.poll(() => imageCallbacks(conversion.jobId)).toMatchObject([{ conversion: ended }]);
      expect(await outboxSize("order-email", `conversion-complete:${conversion.id}`)).toBe(0);
    });

    it("may end with a PDF after a failure, never the other way round", async () => {
      const { conversion } = await newConversion();
      await notify(conversion, failed());
      await notify(conversion, { oneofKind: "pdf", pdf: pdfOf(conversion) });
      await notify(conversion, failed());
      expect(await getConversion(conversion)).toMatchObject({ status: ConversionStatus.COMPLETED });
      expect((await getConversion(conversion)).failure).toBeUndefined();
      await expect.poll(() => imageCallbacks(conversion.jobId)).toHaveLength(2);
    });

    it("is refused from another job, and for a conversion that does not exist", async () => {
      const { conversion } = await newConversion();
      await expect(notify({ ...conversion, jobId: randomUUID() }, failed())).rejects.toMatchObject({
        code: "invalid_argument",
        meta: { argument: "job_id" },
      });
      await expect(notify({ ...conversion, id: randomUUID() }, failed())).rejects.toMatchObject({ code: "not_found" });
      expect(await getConversion(conversion)).toMatchObject({ status: ConversionStatus.PENDING });
    });

    it("is a failure when the job service refuses the order for good", async () => {
      service.peer.before = (method) => {
        if (method === "EnqueueImageConversion") {
          throw refusal;
        }
      };
      const { conversion } = await newConversion();
      await expect
        .poll(() => getConversion(conversion))
        .toMatchObject({
          status: ConversionStatus.FAILED,
          failure: { code: "invalid_argument", message: "source_url is not ours" },
        });
      service.peer.before = () => undefined;
      await expect.poll(() => imageCallbacks(conversion.jobId)).toHaveLength(1);
    });
  });

  it("a callback that the client service refuses for good is kept as a dead letter", async () => {
    service.peer.before = (method) => {
      if (method === "NotifyEmailDelivered") {
        throw refusal;
      }
    };
    const { id: userId, welcomeJobId } = await newUser();
    await service.jobService.NotifyEmailDelivered({ jobId: welcomeJobId, userId, outcome: failed() });
    await expect.poll(() => outboxSize("relay-email-delivered-dead", welcomeJobId)).toBe(1);
    service.peer.before = () => undefined;
  });

  async function outboxSize(queue: string, text: string): Promise<number> {
    const { rows } = await service.pool.query(
      "SELECT FROM pgboss.job WHERE name = $1 AND data::text LIKE '%' || $2 || '%'",
      [queue, text],
    );
    return rows.length;
  }
});

const refusal = invalidArgument("source_url", "is not ours");

function secondsFromNow(at: Timestamp | undefined): number {
  return (Timestamp.toDate(at ?? Timestamp.create()).getTime() - Date.now()) / 1000;
}
