import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "./start-test-server";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const Bucket = "mcsv";

async function contentOf(Key: string, Range?: string): Promise<Buffer> {
  const { Body } = await server.client.send(new GetObjectCommand({ Bucket, Key, ...(Range && { Range }) }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe("objects through the SDK as it comes", () => {
  it("stores bytes and gives them back with type, metadata, MD5 ETag and checksum", async () => {
    const body = randomBytes(100_000);
    const put = await server.client.send(
      new PutObjectCommand({
        Bucket,
        Key: "a/b.bin",
        Body: body,
        ContentType: "image/png",
        ContentDisposition: 'attachment; filename="x.png"',
        Metadata: { owner: "ada" },
      }),
    );
    expect(put.ETag).toBe(`"${createHash("md5").update(body).digest("hex")}"`);
    expect(put.ChecksumCRC32).toBeDefined();

    const got = await server.client.send(new GetObjectCommand({ Bucket, Key: "a/b.bin" }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(body);
    expect(got).toMatchObject({
      ContentType: "image/png",
      ContentDisposition: 'attachment; filename="x.png"',
      ContentLength: 100_000,
      Metadata: { owner: "ada" },
      ETag: put.ETag,
      ChecksumCRC32: put.ChecksumCRC32,
    });
    const head = await server.client.send(new HeadObjectCommand({ Bucket, Key: "a/b.bin" }));
    expect(head).toMatchObject({ ContentLength: 100_000, ContentType: "image/png", Metadata: { owner: "ada" } });
  });

  it.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "verifies the %s trailer of a streamed body",
    async (ChecksumAlgorithm) => {
      const body = randomBytes(300_001);
      const Key = `streamed-${ChecksumAlgorithm}`;
      await server.client.send(
        new PutObjectCommand({
          Bucket,
          Key,
          Body: Readable.from([body]),
          ContentLength: body.length,
          ChecksumAlgorithm,
        }),
      );
      expect(await contentOf(Key)).toEqual(body);
      const head = await server.client.send(new HeadObjectCommand({ Bucket, Key }));
      expect(head.ContentEncoding).toBeUndefined();
    },
  );

  it("stores an upload in parts by lib-storage as one object that can be read in ranges", async () => {
    const body = randomBytes(12 * 1024 * 1024 + 7);
    const upload = new Upload({
      client: server.client,
      params: { Bucket, Key: "parts", Body: Readable.from([body]), ContentType: "application/pdf" },
      partSize: 5 * 1024 * 1024,
    });
    const { ETag } = await upload.done();
    expect(ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    expect((await contentOf("parts")).equals(body)).toBe(true);
    const border = 5 * 1024 * 1024;
    expect(await contentOf("parts", `bytes=${border - 3}-${border + 3}`)).toEqual(
      body.subarray(border - 3, border + 4),
    );
    const head = await server.client.send(new HeadObjectCommand({ Bucket, Key: "parts" }));
    expect(head).toMatchObject({ ContentLength: body.length, ContentType: "application/pdf" });
  });

  it("answers ranges from the start, to the end, of the last bytes, and refuses those outside", async () => {
    await server.client.send(new PutObjectCommand({ Bucket, Key: "digits", Body: "0123456789" }));
    expect((await contentOf("digits", "bytes=2-4")).toString()).toBe("234");
    expect((await contentOf("digits", "bytes=7-")).toString()).toBe("789");
    expect((await contentOf("digits", "bytes=-2")).toString()).toBe("89");
    expect((await contentOf("digits", "bytes=5-100")).toString()).toBe("56789");
    await expect(contentOf("digits", "bytes=10-12")).rejects.toMatchObject({ name: "InvalidRange" });
  });

  it("stores an empty object", async () => {
    await server.client.send(new PutObjectCommand({ Bucket, Key: "empty", Body: "", ContentLength: 0 }));
    expect(await contentOf("empty")).toHaveLength(0);
  });

  it("copies, deletes one and deletes many", async () => {
    await server.client.send(new PutObjectCommand({ Bucket, Key: "source", Body: "text", Metadata: { a: "1" } }));
    await server.client.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/source` }));
    await server.client.send(new DeleteObjectCommand({ Bucket, Key: "source" }));
    await expect(contentOf("source")).rejects.toMatchObject({ name: "NoSuchKey" });
    expect((await contentOf("copy")).toString()).toBe("text");
    const head = await server.client.send(new HeadObjectCommand({ Bucket, Key: "copy" }));
    expect(head.Metadata).toEqual({ a: "1" });
    const deleted = await server.client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "copy" }, { Key: "never & there <was>" }] } }),
    );
    expect(deleted.Deleted?.map(({ Key }) => Key)).toEqual(["copy", "never & there <was>"]);
    await expect(contentOf("copy")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it.each([
    "../../../etc/passwd",
    "a/../../b",
    "..",
    ".",
    "/leading",
    "trailing/",
    "double//slash",
    "space and + plus",
    "ünïcödé/日本語/🎉",
    "percent%2Fencoded%zz",
    "quote'\"<&>!*()",
    "new\nline\ttab\u0001",
    "nul\u0000byte",
    "back\\slash",
    "k".repeat(1024),
  ])("takes the key %j and stores it in a file that it does not name", async (Key) => {
    await server.client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    expect((await contentOf(Key)).toString()).toBe(Key);
    const files = await readdir(server.dataDirectory, { recursive: true });
    expect(files.every((file) => /^(tmp|catalog\.ndjson|blobs(\/[0-9a-f]{2}(\/[0-9a-f.]+)?)?)$/.test(file))).toBe(true);
    await server.client.send(new DeleteObjectCommand({ Bucket, Key }));
    await expect(contentOf(Key)).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("refuses a key of more than 1024 bytes", async () => {
    const put = server.client.send(new PutObjectCommand({ Bucket, Key: "ü".repeat(513), Body: "x" }));
    await expect(put).rejects.toMatchObject({ name: "KeyTooLongError" });
  });

  it("stores only when absent with If-None-Match: *, also when two do it at once", async () => {
    const put = () =>
      server.client.send(new PutObjectCommand({ Bucket, Key: "once", Body: randomBytes(50_000), IfNoneMatch: "*" }));
    const results = await Promise.allSettled([put(), put(), put()]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
    await expect(put()).rejects.toMatchObject({ name: "PreconditionFailed" });
  });

  it("answers 304 to If-None-Match and If-Modified-Since, and 412 to If-Match", async () => {
    const { ETag } = await server.client.send(new PutObjectCommand({ Bucket, Key: "cached", Body: "x" }));
    const get = (headers: object) => server.client.send(new GetObjectCommand({ Bucket, Key: "cached", ...headers }));
    await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(get({ IfModifiedSince: new Date(Date.now() + 5000) })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(get({ IfMatch: ETag })).resolves.toMatchObject({ ETag });
  });

  it("says NoSuchBucket and NoSuchKey for what is not there", async () => {
    await expect(
      server.client.send(new PutObjectCommand({ Bucket: "nowhere", Key: "k", Body: "x" })),
    ).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(server.client.send(new HeadObjectCommand({ Bucket, Key: "absent" }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe("listing", () => {
  it("lists in the order of bytes, with prefix, delimiter and continuation, each key once", async () => {
    const keys = ["list/a", "list/b/1", "list/b/2", "list/c", "list/d/x/y", "list/🎉", "list/\uffee"];
    for (const Key of keys) {
      await server.client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    }
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list({ MaxKeys: 2, ContinuationToken });
      expect((page.Contents ?? []).length + (page.CommonPrefixes ?? []).length).toBeLessThanOrEqual(2);
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ""));
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ""));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen).toEqual(["list/a", "list/b/", "list/c", "list/d/", "list/\uffee", "list/🎉"]);
  });

  function list(more: { MaxKeys?: number; ContinuationToken?: string | undefined }) {
    const { ContinuationToken, ...rest } = more;
    return server.client.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: "list/",
        Delimiter: "/",
        ...rest,
        ...(ContinuationToken !== undefined && { ContinuationToken }),
      }),
    );
  }
});
