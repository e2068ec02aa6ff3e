import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it, onTestFinished } from "vitest";
import { composeStack } from "./support/stack";

const Bucket = "mcsv";

/** A client with the services' access key, or with one of these. */
function client(credentials?: { accessKeyId: string; secretAccessKey: string }): S3Client {
  const { url, secret } = composeStack();
  const s3 = new S3Client({
    endpoint: url("S3"),
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: credentials ?? { accessKeyId: "mcsv", secretAccessKey: secret("object-store-secret") },
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  onTestFinished(() => s3.destroy());
  return s3;
}

const status = (expected: number) =>
  expect.objectContaining({ $metadata: expect.objectContaining({ httpStatusCode: expected }) });

/** Keys in a bucket, as the access key that Loki or Tempo has for it sees them. */
async function keysOf(bucket: "loki" | "tempo"): Promise<string[]> {
  const file = composeStack().secret(`${bucket}-object-store`);
  const s3 = client({ accessKeyId: bucket, secretAccessKey: /secret_access_key = (\S+)/.exec(file)?.[1] ?? "" });
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return (Contents ?? []).map(({ Key = "" }) => Key);
}

describe("the object store", () => {
  it("takes an upload by a presigned URL, and gives it back by another, in parts too", async () => {
    const s3 = client();
    const Key = "compose/presigned.txt";
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key }), { expiresIn: 60 });
    expect((await fetch(put, { method: "PUT", body: "0123456789" })).status).toBe(200);
    const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
    expect(await (await fetch(get)).text()).toBe("0123456789");
    const part = await fetch(get, { headers: { range: "bytes=2-4" } });
    expect([part.status, await part.text()]).toEqual([206, "234"]);
  });

  it("refuses a URL that was tampered with, is over, or was signed by somebody else", async () => {
    const s3 = client();
    const Key = "compose/refused.txt";
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
    expect((await fetch(get.replace("refused", "presigned"))).status).toBe(403);
    const signingDate = new Date(Date.now() - 120_000);
    const over = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60, signingDate });
    expect((await fetch(over)).status).toBe(403);
    const stranger = client({ accessKeyId: "mcsv", secretAccessKey: "a guess" });
    const foreign = await getSignedUrl(stranger, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
    expect((await fetch(foreign)).status).toBe(403);
    expect((await fetch(`${composeStack().url("S3")}/${Bucket}/${Key}`)).status).toBe(403);
  });

  it("confines an access key to its bucket", async () => {
    const s3 = client();
    await expect(s3.send(new ListObjectsV2Command({ Bucket: "loki" }))).rejects.toEqual(status(403));
    await expect(s3.send(new PutObjectCommand({ Bucket: "tempo", Key: "x", Body: "x" }))).rejects.toEqual(status(403));
    await expect(s3.send(new CreateBucketCommand({ Bucket: "another" }))).rejects.toEqual(status(403));
  });

  it("puts a multipart upload together", async () => {
    const s3 = client();
    const Key = "compose/parts.bin";
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const parts = [Buffer.alloc(5 * 1024 ** 2, 1), Buffer.from("the end")];
    const Parts = [];
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      Parts.push({ ETag, PartNumber });
    }
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(Buffer.concat(parts).equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  });

  it("keeps Loki's chunks", async () => {
    expect((await fetch(`${composeStack().url("LOKI")}/flush`, { method: "POST" })).status).toBe(204);
    // The tenant, the fingerprint of a stream, and from when to when its chunk is.
    await expect.poll(() => keysOf("loki")).toContainEqual(expect.stringMatching(/^fake\/[0-9a-f]+\/\w+:\w+:\w+$/));
  });

  it("keeps Tempo's blocks", async () => {
    await expect
      .poll(() => keysOf("tempo"))
      .toContainEqual(expect.stringMatching(/^single-tenant\/[\w-]+\/data.parquet$/));
  });
});
