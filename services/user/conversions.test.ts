import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageFormat, Quality } from "../../gen/twirp/mcsv/v1/image";
import { ConversionStatus, UserServiceConvertImageRequest } from "../../gen/twirp/mcsv/v1/user";
import { jobId } from "../platform/ids/deterministic-id";
import { JPEG, PNG, pngOf } from "./testing/images";
import { startUserService, type TestUserService } from "./testing/start-user-service";

const MIB = 1024 * 1024;

describe("conversions", { timeout: 60_000 }, () => {
  let service: TestUserService;
  let userId: string;
  beforeAll(async () => {
    service = await startUserService();
    userId = await newUserId();
  });
  afterAll(() => service.stop());

  const newUserId = async () => {
    const id = randomUUID();
    const { user } = await service.application.CreateUser({
      idempotencyKey: id,
      email: `${id}@example.com`,
      name: "Ada",
    });
    return user?.id ?? "";
  };
  const me = () => service.as(userId);
  const inlineRequest = (over: Partial<UserServiceConvertImageRequest> = {}) =>
    UserServiceConvertImageRequest.create({
      idempotencyKey: randomUUID(),
      fileName: "photo.png",
      source: { oneofKind: "image", image: PNG },
      ...over,
    });
  const uploadRequest = (uploadId: string, over: Partial<UserServiceConvertImageRequest> = {}) =>
    inlineRequest({ source: { oneofKind: "uploadId", uploadId }, ...over });
  const newUpload = async (image: Buffer, format = ImageFormat.PNG) => {
    const idempotencyKey = randomUUID();
    const request = { idempotencyKey, userId: "", format, sizeBytes: BigInt(image.length) };
    const { upload } = await me().CreateUpload(request);
    return upload ?? expect.unreachable("no upload");
  };
  const put = (upload: { url: string; headers: Record<string, string> }, body: Buffer) =>
    fetch(upload.url, {
      method: "PUT",
      headers: { ...upload.headers, "content-length": String(body.length) },
      body: new Uint8Array(body),
    });
  const ordersOf = (id = "") => service.peer.conversions.filter(({ conversionId }) => conversionId === id);

  describe("of inline images", () => {
    it("stores the image, answers a pending conversion and orders its job with a URL of the image", async () => {
      const options = {
        quality: Quality.LOW,
        pageSize: 2,
        densityDpi: 72,
        maxWidthPx: 9,
        maxHeightPx: 8,
        stripMetadata: true,
      };
      const { conversion } = await me().ConvertImage(inlineRequest({ options }));
      expect(conversion).toMatchObject({
        userId,
        jobId: jobId("image-conversion", `conversion:${conversion?.id}`),
        fileName: "photo.png",
        options,
        status: ConversionStatus.PENDING,
        sourceFormat: ImageFormat.PNG,
        sourceBytes: BigInt(PNG.length),
        pdfUrl: "",
      });
      expect(conversion?.endedAt).toBeUndefined();
      const got = await me().GetConversion({ conversionId: conversion?.id ?? "" });
      expect(got.conversion).toEqual(conversion);

      await expect.poll(() => ordersOf(conversion?.id)).toHaveLength(1);
      const [order] = ordersOf(conversion?.id);
      expect(order).toMatchObject({ idempotencyKey: `conversion:${conversion?.id}`, userId, options });
      // The internal endpoint, not the public one, which the test calls localhost.
      expect(order?.sourceUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcsv\/images\//);
      const source = await fetch(order?.sourceUrl ?? "");
      expect(Buffer.from(await source.arrayBuffer())).toEqual(PNG);
      expect(source.headers.get("content-type")).toBe("image/png");
    });

    it("takes exactly 8 MiB, in protobuf and in JSON, and refuses a byte more", async () => {
      const image = pngOf(8 * MIB);
      const { conversion } = await me().ConvertImage(inlineRequest({ source: { oneofKind: "image", image } }));
      expect(conversion?.sourceBytes).toBe(BigInt(8 * MIB));
      expect((await callWithJson(image)).status).toBe(200);

      const larger = pngOf(8 * MIB + 1);
      const refused = me().ConvertImage(inlineRequest({ source: { oneofKind: "image", image: larger } }));
      await expect(refused).rejects.toMatchObject({
        code: "resource_exhausted",
        msg: expect.stringContaining("8 MiB"),
      });
      expect((await callWithJson(larger)).status).toBe(429);
    });

    it("refuses a body far above the limit", async () => {
      const request = inlineRequest({ source: { oneofKind: "image", image: pngOf(20 * MIB) } });
      await expect(me().ConvertImage(request)).rejects.toMatchObject({ code: "resource_exhausted" });
    });

    it("answers a repetition as the first call, also when the conversion has ended", async () => {
      const request = inlineRequest();
      const first = await me().ConvertImage(request);
      const { id: conversionId = "", jobId: job = "" } = first.conversion ?? {};
      await service.jobService.NotifyImageConverted({
        jobId: job,
        conversionId,
        outcome: { oneofKind: "failure", failure: { code: "invalid_argument", message: "broken" } },
      });
      expect(await me().ConvertImage(request)).toEqual(first);
      await expect.poll(() => ordersOf(conversionId)).toHaveLength(1);
    });

    it("tells options left out from no others: they are the same content", async () => {
      const request = inlineRequest();
      const first = await me().ConvertImage(request);
      const options = { quality: 0, pageSize: 0, densityDpi: 0, maxWidthPx: 0, maxHeightPx: 0, stripMetadata: false };
      expect(await me().ConvertImage({ ...request, options })).toEqual(first);
    });

    it("refuses the same key with another image, name or option, and keeps the first image", async () => {
      const request = inlineRequest();
      const { conversion } = await me().ConvertImage(request);
      const upload = await newUpload(PNG);
      for (const other of [
        { source: { oneofKind: "image" as const, image: JPEG } },
        { source: { oneofKind: "uploadId" as const, uploadId: upload.id } },
        { fileName: "other.png" },
        { options: { quality: 1, pageSize: 0, densityDpi: 0, maxWidthPx: 0, maxHeightPx: 0, stripMetadata: false } },
      ]) {
        await expect(me().ConvertImage({ ...request, ...other })).rejects.toMatchObject({
          code: "already_exists",
          meta: { argument: "idempotency_key" },
        });
      }
      await expect.poll(() => ordersOf(conversion?.id)).toHaveLength(1);
      const source = await fetch(ordersOf(conversion?.id)[0]?.sourceUrl ?? "");
      expect(Buffer.from(await source.arrayBuffer())).toEqual(PNG);
    });

    it("means another conversion by the same key of another user", async () => {
      const request = inlineRequest();
      const mine = await me().ConvertImage(request);
      const theirs = await service.as(await newUserId()).ConvertImage(request);
      expect(theirs.conversion?.id).not.toBe(mine.conversion?.id);
    });

    it("makes one conversion and one job of 20 calls at the same time with the same key", async () => {
      const request = inlineRequest();
      const answers = await Promise.all(Array.from({ length: 20 }, () => me().ConvertImage(request)));
      expect(answers).toEqual(answers.map(() => answers[0]));
      await expect.poll(() => ordersOf(answers[0]?.conversion?.id)).toHaveLength(1);
    });

    it("lets one of two images win when they race with one key, and converts that one", async () => {
      for (let round = 0; round < 5; round++) {
        const request = inlineRequest();
        const images = [PNG, pngOf(500_000)];
        const answers = await Promise.allSettled(
          images.map((image) => me().ConvertImage({ ...request, source: { oneofKind: "image", image } })),
        );
        const winner = answers.findIndex(({ status }) => status === "fulfilled");
        expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        expect(answers[1 - winner]).toMatchObject({ reason: { code: "already_exists" } });
        const answer = answers[winner];
        const id = answer?.status === "fulfilled" ? answer.value.conversion?.id : "";
        await expect.poll(() => ordersOf(id)).toHaveLength(1);
        const source = await fetch(ordersOf(id)[0]?.sourceUrl ?? "");
        expect((await source.arrayBuffer()).byteLength).toBe(images[winner]?.length);
      }
    });

    it("answers not_found for an unknown user, and stores nothing", async () => {
      await expect(service.as(randomUUID()).ConvertImage(inlineRequest())).rejects.toMatchObject({ code: "not_found" });
    });
  });

  describe("of uploads", () => {
    it("converts what was PUT to the presigned URL, which names the public endpoint", async () => {
      const image = pngOf(100_000);
      const upload = await newUpload(image);
      expect(new URL(upload.url).hostname).toBe("localhost");
      expect(Number(upload.expiresAt?.seconds)).toBeGreaterThan(Date.now() / 1000 + 500);
      expect((await put(upload, image)).status).toBe(200);
      const { conversion } = await me().ConvertImage(uploadRequest(upload.id));
      expect(conversion).toMatchObject({ sourceFormat: ImageFormat.PNG, sourceBytes: 100_000n });
      await expect.poll(() => ordersOf(conversion?.id)).toHaveLength(1);
      const source = await fetch(ordersOf(conversion?.id)[0]?.sourceUrl ?? "");
      expect(Buffer.from(await source.arrayBuffer())).toEqual(image);
    });

    it("signs type and length, so that the store refuses anything else", async () => {
      const upload = await newUpload(pngOf(1000));
      expect((await put(upload, pngOf(1001))).status).toBeGreaterThanOrEqual(400);
      const headers = { ...upload.headers, "content-type": "image/jpeg" };
      expect((await put({ ...upload, headers }, pngOf(1000))).status).toBe(403);
      await expect(me().ConvertImage(uploadRequest(upload.id))).rejects.toMatchObject({
        code: "failed_precondition",
        msg: expect.stringContaining("nothing was uploaded"),
      });
    });

    it("answers the same upload with a fresh URL for the same key, and refuses other content", async () => {
      const request = { idempotencyKey: randomUUID(), userId: "", format: ImageFormat.JPEG, sizeBytes: 22n };
      const first = await me().CreateUpload(request);
      const second = await me().CreateUpload(request);
      expect(second.upload?.id).toBe(first.upload?.id);
      expect(second.upload?.headers).toMatchObject({ "content-type": "image/jpeg" });
      for (const other of [{ sizeBytes: 23n }, { format: ImageFormat.PNG }]) {
        await expect(me().CreateUpload({ ...request, ...other })).rejects.toMatchObject({
          code: "already_exists",
          meta: { argument: "idempotency_key" },
        });
      }
      await expect(service.as(randomUUID()).CreateUpload(request)).rejects.toMatchObject({
        code: "not_found",
      });
    });

    it("refuses an upload that is not what was announced", async () => {
      const upload = await newUpload(JPEG, ImageFormat.PNG);
      expect((await put(upload, JPEG)).status).toBe(200);
      await expect(me().ConvertImage(uploadRequest(upload.id))).rejects.toMatchObject({
        code: "failed_precondition",
        msg: "the upload is JPEG where PNG was announced",
      });
      const other = await newUpload(Buffer.from("GIF89a"));
      await put(other, Buffer.from("GIF89a"));
      await expect(me().ConvertImage(uploadRequest(other.id))).rejects.toMatchObject({
        code: "failed_precondition",
        msg: "the upload is neither PNG nor JPEG where PNG was announced",
      });
      // Somebody with access to the bucket wrote another size.
      await service.objectStore.putBytes(`uploads/${upload.id}`, PNG, { contentType: "image/png" });
      await expect(me().ConvertImage(uploadRequest(upload.id))).rejects.toMatchObject({
        code: "failed_precondition",
        msg: `the upload has ${PNG.length} bytes where ${JPEG.length} were announced`,
      });
    });

    it("knows nothing of the uploads of others", async () => {
      const upload = await newUpload(PNG);
      await put(upload, PNG);
      const somebody = service.as(await newUserId());
      await expect(somebody.ConvertImage(uploadRequest(upload.id))).rejects.toMatchObject({ code: "not_found" });
      await expect(me().ConvertImage(uploadRequest(randomUUID()))).rejects.toMatchObject({
        code: "not_found",
      });
    });

    it("may be tried again with the same key once the image is there", async () => {
      const upload = await newUpload(PNG);
      const request = uploadRequest(upload.id);
      await expect(me().ConvertImage(request)).rejects.toMatchObject({ code: "failed_precondition" });
      await put(upload, PNG);
      await expect(me().ConvertImage(request)).resolves.toMatchObject({ conversion: { userId } });
    });
  });

  it("answers not_found for a conversion that does not exist", async () => {
    await expect(me().GetConversion({ conversionId: randomUUID() })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  /** The generated code takes seconds to encode megabytes in base64. */
  async function callWithJson(image: Buffer): Promise<Response> {
    const request = { idempotency_key: randomUUID(), file_name: "a.png" };
    const authorization = `Bearer ${await service.auth.userToken(userId)}`;
    return fetch(`${service.url}/twirp/mcsv.v1.UserService/ConvertImage`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: JSON.stringify({ ...request, image: image.toString("base64") }),
    });
  }
});
