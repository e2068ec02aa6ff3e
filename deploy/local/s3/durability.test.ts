import { randomBytes } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startTestServer, type TestServer } from "./start-test-server";

const Bucket = "mcsv";
let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ limits: { minPartBytes: 10, maxObjectBytes: 20_000_000 } });
});
afterEach(() => server.close());

async function contentOf(Key: string): Promise<string> {
  const { Body } = await server.client.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? "";
}

/** Files that hold bytes of objects or of uploads under way. */
async function files(): Promise<string[]> {
  const found = await readdir(server.dataDirectory, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile() && entry.name !== "catalog.ndjson").map(({ name }) => name);
}

async function startParts(Key: string, bodies: string[]) {
  const { UploadId } = await server.client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const Parts: CompletedPart[] = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const { ETag } = await server.client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  const complete = (parts = Parts) =>
    server.client.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } }),
    );
  return { UploadId, Parts, complete };
}

describe("restarts", () => {
  it("keep buckets, objects, metadata and open multipart uploads", async () => {
    await server.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "kept", Metadata: { a: "b" } }));
    await server.client.send(new PutObjectCommand({ Bucket, Key: "gone", Body: "x" }));
    await server.client.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    const upload = await startParts("parts", ["first part", "end"]);
    await server.restart();
    expect(await contentOf("k")).toBe("kept");
    const listed = await server.client.send(new ListObjectsV2Command({ Bucket }));
    expect(listed.Contents?.map(({ Key }) => Key)).toEqual(["k"]);
    await upload.complete();
    await server.restart();
    expect(await contentOf("parts")).toBe("first partend");
    const { Buckets } = await server.client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
  });

  it("drop a line of the catalog that was cut short, and files that nothing refers to", async () => {
    await server.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "kept" }));
    await appendFile(join(server.dataDirectory, "catalog.ndjson"), '{"type":"object-del');
    await writeFile(join(server.dataDirectory, "tmp", "left"), "x");
    await mkdir(join(server.dataDirectory, "blobs", "00"), { recursive: true });
    await writeFile(join(server.dataDirectory, "blobs", "00", "00left"), "x");
    await server.restart();
    expect(await contentOf("k")).toBe("kept");
    expect(await files()).toHaveLength(1);
    await server.client.send(new PutObjectCommand({ Bucket, Key: "k2", Body: "more" }));
    await server.restart();
    expect(await contentOf("k2")).toBe("more");
  });

  it("find a catalog that does not grow with the number of changes", async () => {
    const catalog = join(server.dataDirectory, "catalog.ndjson");
    await server.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "kept" }));
    const line = (await readFile(catalog, "utf8")).trimEnd().split("\n").at(-1) ?? "";
    await appendFile(catalog, `${line}\n`.repeat(20_000));
    await server.restart();
    await server.client.send(new PutObjectCommand({ Bucket, Key: "k2", Body: "x" }));
    expect((await readFile(catalog, "utf8")).split("\n").length).toBeLessThan(10);
    await server.client.send(new PutObjectCommand({ Bucket, Key: "k3", Body: "y" }));
    await server.restart();
    expect(await contentOf("k")).toBe("kept");
    expect(await contentOf("k3")).toBe("y");
  });
});

describe("multipart uploads", () => {
  it("are listed, and leave nothing when aborted", async () => {
    const { UploadId } = await startParts("k", ["first part", "second part"]);
    const uploads = await server.client.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(uploads.Uploads?.map((upload) => upload.UploadId)).toEqual([UploadId]);
    const page = await server.client.send(new ListPartsCommand({ Bucket, Key: "k", UploadId, MaxParts: 1 }));
    expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "1" });
    expect(page.Parts?.map(({ Size }) => Size)).toEqual([10]);
    await server.client.send(new AbortMultipartUploadCommand({ Bucket, Key: "k", UploadId }));
    expect(await files()).toEqual([]);
    await expect(server.client.send(new ListPartsCommand({ Bucket, Key: "k", UploadId }))).rejects.toMatchObject({
      name: "NoSuchUpload",
    });
    await expect(
      server.client.send(new UploadPartCommand({ Bucket, Key: "k", UploadId, PartNumber: 1, Body: "x" })),
    ).rejects.toMatchObject({ name: "NoSuchUpload" });
  });

  it("replace a part that is sent again, and drop parts that completing does not list", async () => {
    const { UploadId, Parts, complete } = await startParts("k", ["first part", "second part", "third"]);
    const { ETag } = await server.client.send(
      new UploadPartCommand({ Bucket, Key: "k", UploadId, PartNumber: 1, Body: "other part" }),
    );
    await complete([{ PartNumber: 1, ETag }, ...Parts.slice(1, 2)]);
    expect(await contentOf("k")).toBe("other partsecond part");
    expect(await files()).toHaveLength(2);
    await server.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "whole" }));
    expect(await files()).toHaveLength(1);
  });

  it("refuse parts that are missing, in the wrong order, or too small", async () => {
    const { Parts, complete } = await startParts("k", ["small", "end"]);
    await expect(complete()).rejects.toMatchObject({ name: "EntityTooSmall" });
    await expect(complete([...Parts].reverse())).rejects.toMatchObject({ name: "InvalidPartOrder" });
    await expect(complete([{ PartNumber: 9, ETag: Parts[0]?.ETag }])).rejects.toMatchObject({ name: "InvalidPart" });
    await expect(complete([])).rejects.toMatchObject({ name: "MalformedXML" });
  });
});

describe("uploads that fail", () => {
  it("leave nothing when the client goes away in the middle", async () => {
    await server.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "before" }));
    const url = await getSignedUrl(server.client, new PutObjectCommand({ Bucket, Key: "k" }));
    const upload = request(url, { method: "PUT", headers: { "content-length": "1000" } });
    upload.on("error", () => undefined);
    upload.write("x".repeat(500));
    await vi.waitFor(async () => expect(await files()).toHaveLength(2));
    upload.destroy();
    await vi.waitFor(async () => expect(await files()).toHaveLength(1));
    expect(await contentOf("k")).toBe("before");
  });

  it("leave nothing when a checksum is wrong or the body too long", async () => {
    const put = (more: object) => server.client.send(new PutObjectCommand({ Bucket, Key: "k", ...more }));
    await expect(put({ Body: "x", ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({ name: "BadDigest" });
    await expect(put({ Body: "x", ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" })).rejects.toMatchObject({
      name: "BadDigest",
    });
    await expect(put({ Body: randomBytes(20_000_001) })).rejects.toMatchObject({ name: "EntityTooLarge" });
    expect(await files()).toEqual([]);
  });

  it("answer before the body is sent when it is expected to be refused", async () => {
    const url = await getSignedUrl(server.client, new PutObjectCommand({ Bucket, Key: "k" }));
    const refused = request(url.replace(/Signature=.*?&/, "Signature=0&"), {
      method: "PUT",
      headers: { "content-length": "900000", expect: "100-continue" },
    });
    let continued = false;
    refused.on("continue", () => {
      continued = true;
    });
    refused.flushHeaders();
    const status = await new Promise((resolve) => refused.on("response", ({ statusCode }) => resolve(statusCode)));
    refused.on("error", () => undefined).destroy();
    expect([status, continued]).toEqual([403, false]);
  });
});

it("goes on reading an object that is replaced meanwhile", async () => {
  const old = randomBytes(16_000_000);
  await server.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: old }));
  const { Body } = await server.client.send(new GetObjectCommand({ Bucket, Key: "k" }));
  await server.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "new" }));
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(old)).toBe(true);
  await vi.waitFor(async () => expect(await files()).toHaveLength(1));
});

it("keeps the last of many writers of one key, whole, and no other file", async () => {
  const bodies = Array.from({ length: 20 }, (_unused, index) => String(index).repeat(5000));
  await Promise.all(
    bodies.map((text) =>
      server.client.send(
        new PutObjectCommand({
          Bucket,
          Key: "k",
          Body: Readable.from([Buffer.from(text)]),
          ContentLength: text.length,
        }),
      ),
    ),
  );
  expect(bodies).toContain(await contentOf("k"));
  expect(await files()).toHaveLength(1);
});

it("deletes buckets only when they are empty", async () => {
  await server.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  await expect(server.client.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
    name: "BucketNotEmpty",
  });
  await server.client.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  await server.client.send(new DeleteBucketCommand({ Bucket }));
  await expect(server.client.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 404 },
  });
});
