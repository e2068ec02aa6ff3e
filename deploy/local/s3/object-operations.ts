import { parseRange } from "./byte-range";
import { checksumNamed } from "./checksums";
import { checkStoreConditions, isNotModified, matches } from "./conditions";
import { headerOf, objectOf, type S3Answer, type S3Context } from "./context";
import { childText } from "./parse-xml";
import { readXmlBody } from "./read-xml-body";
import { receiveBody } from "./receive-body";
import type { ObjectRecord } from "./records";
import { maxKeyBytes } from "./request-target";
import { S3Error } from "./s3-error";
import { responseHeadersOf, storedHeadersOf } from "./stored-headers";
import { document, element } from "./xml";

const maxKeysToDelete = 1000;

/** PutObject: stores the whole body, or nothing. */
export async function putObject(context: S3Context): Promise<S3Answer> {
  const { bucket, key } = objectOf(context);
  const { storage } = context;
  checkStoreConditions(context, storage.catalog.object(bucket, key));
  const headers = storedHeadersOf(context);
  const asked = checksumNamed(headerOf(context, "x-amz-sdk-checksum-algorithm") ?? "");
  const body = receiveBody(context.request, context.response, {
    payload: context.authentication.payload,
    maxBytes: context.limits.maxObjectBytes,
    header: (name) => headerOf(context, name),
    alsoCompute: asked === undefined ? [] : [asked],
  });
  const blob = await storage.blobs.write(bucket, key, body.data);
  try {
    const { bytes, md5, checksums } = body.summary();
    const object: ObjectRecord = { blobs: [blob], bytes, etag: md5, lastModified: Date.now(), headers, checksums };
    await storage.commit(() => {
      objectOf(context);
      checkStoreConditions(context, storage.catalog.object(bucket, key));
      return { type: "object-stored", bucket, key, object };
    });
    return { status: 200, headers: { etag: `"${md5}"`, ...checksumHeaders(object) } };
  } catch (cause) {
    await storage.blobs.remove([blob.id]);
    throw cause;
  }
}

/** GetObject and HeadObject. */
export function getObject(context: S3Context): S3Answer {
  const { bucket, key } = objectOf(context);
  const object = context.storage.catalog.object(bucket, key);
  if (object === undefined) {
    throw new S3Error("NoSuchKey");
  }
  const headers: Record<string, string> = {
    etag: `"${object.etag}"`,
    "last-modified": new Date(object.lastModified).toUTCString(),
    "accept-ranges": "bytes",
    ...responseHeadersOf(context, object.headers),
  };
  if (isNotModified(context, object)) {
    return { status: 304, headers };
  }
  const ifRange = headerOf(context, "if-range");
  const range =
    ifRange === undefined || matches(ifRange, object.etag)
      ? parseRange(headerOf(context, "range"), object.bytes)
      : undefined;
  const { start, end } = range ?? { start: 0, end: object.bytes - 1 };
  headers["content-length"] = String(end - start + 1);
  if (range !== undefined) {
    headers["content-range"] = `bytes ${start}-${end}/${object.bytes}`;
  } else if (headerOf(context, "x-amz-checksum-mode")?.toUpperCase() === "ENABLED") {
    Object.assign(headers, checksumHeaders(object));
  }
  const status = range === undefined ? 200 : 206;
  if (context.request.method === "HEAD") {
    return { status, headers };
  }
  return { status, headers, data: context.storage.blobs.read(object.blobs, start, end) };
}

/** DeleteObject: also of a key that is not there. */
export async function deleteObject(context: S3Context): Promise<S3Answer> {
  const { bucket, key } = objectOf(context);
  await context.storage.commit(() => deletion(context, bucket, key));
  return { status: 204 };
}

/** DeleteObjects: up to 1000 keys. */
export async function deleteObjects(context: S3Context, bucket: string): Promise<S3Answer> {
  const root = await readXmlBody(context);
  const objects = root.children.filter((child) => child.name === "Object");
  if (root.name !== "Delete" || objects.length === 0 || objects.length > maxKeysToDelete) {
    throw new S3Error("MalformedXML");
  }
  const keys = objects.map((object) => childText(object, "Key"));
  const deleted = [];
  for (const key of keys) {
    if (key === undefined || key === "") {
      throw new S3Error("MalformedXML");
    }
    await context.storage.commit(() => deletion(context, bucket, key));
    deleted.push(element("Deleted", [element("Key", key)]));
  }
  const quiet = childText(root, "Quiet")?.trim() === "true";
  return { status: 200, xml: document(element("DeleteResult", quiet ? [] : deleted)) };
}

/** CopyObject from any bucket of this server. */
export async function copyObject(context: S3Context): Promise<S3Answer> {
  const { bucket, key } = objectOf(context);
  const { storage } = context;
  const source = copySource(context);
  const replace = headerOf(context, "x-amz-metadata-directive")?.toUpperCase() === "REPLACE";
  const headers = replace ? storedHeadersOf(context) : source.headers;
  const blobs = [];
  try {
    for (const blob of source.blobs) {
      blobs.push(await storage.blobs.copy(bucket, key, blob));
    }
    const object: ObjectRecord = { ...source, blobs, headers, lastModified: Date.now() };
    await storage.commit(() => {
      objectOf(context);
      checkStoreConditions(context, storage.catalog.object(bucket, key));
      return { type: "object-stored", bucket, key, object };
    });
    const result = element("CopyObjectResult", [
      element("LastModified", new Date(object.lastModified).toISOString()),
      element("ETag", `"${object.etag}"`),
    ]);
    return { status: 200, xml: document(result) };
  } catch (cause) {
    await storage.blobs.remove(blobs.map((blob) => blob.id));
    throw cause;
  }
}

/** x-amz-checksum-* headers of an object or part. */
export function checksumHeaders({ checksums }: Pick<ObjectRecord, "checksums">): Record<string, string> {
  return Object.fromEntries(Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]));
}

function deletion(context: S3Context, bucket: string, key: string) {
  const existing = context.storage.catalog.object(bucket, key);
  return existing === undefined ? undefined : ({ type: "object-deleted", bucket, key } as const);
}

function copySource(context: S3Context): ObjectRecord {
  const header = headerOf(context, "x-amz-copy-source") ?? "";
  let decoded: string;
  try {
    decoded = decodeURIComponent(header.replace(/\?versionId=.*$/, "")).replace(/^\//, "");
  } catch (cause) {
    throw cause instanceof URIError ? new S3Error("InvalidArgument", "x-amz-copy-source is malformed") : cause;
  }
  const slash = decoded.indexOf("/");
  const bucket = decoded.slice(0, slash);
  const key = decoded.slice(slash + 1);
  if (slash < 1 || key === "" || Buffer.byteLength(key) > maxKeyBytes) {
    throw new S3Error("InvalidArgument", "x-amz-copy-source must be <bucket>/<key>");
  }
  if (!context.storage.catalog.hasBucket(bucket)) {
    throw new S3Error("NoSuchBucket");
  }
  const object = context.storage.catalog.object(bucket, key);
  if (object === undefined) {
    throw new S3Error("NoSuchKey");
  }
  return object;
}
