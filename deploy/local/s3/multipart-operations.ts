import { randomUUID } from "node:crypto";
import { checksumNamed } from "./checksums";
import { completedObject, parsePartList } from "./complete-multipart";
import { checkStoreConditions } from "./conditions";
import { headerOf, integerQueryOf, objectOf, queryOf, type S3Answer, type S3Context } from "./context";
import { checksumHeaders } from "./object-operations";
import { readXmlBody } from "./read-xml-body";
import { receiveBody } from "./receive-body";
import type { PartRecord, UploadRecord } from "./records";
import { S3Error } from "./s3-error";
import { storedHeadersOf } from "./stored-headers";
import { document, element } from "./xml";

/** Highest part number, as in S3. */
const maxParts = 10_000;

/** CreateMultipartUpload. */
export async function createUpload(context: S3Context): Promise<S3Answer> {
  const { bucket, key } = objectOf(context);
  const algorithm = headerOf(context, "x-amz-checksum-algorithm");
  const checksum = checksumNamed(algorithm ?? "");
  if (algorithm !== undefined && checksum === undefined) {
    throw new S3Error("InvalidRequest", "Checksum algorithm provided is unsupported.");
  }
  if (headerOf(context, "x-amz-checksum-type")?.toUpperCase() === "FULL_OBJECT") {
    throw new S3Error("NotImplemented", "Checksums of type FULL_OBJECT are not supported for multipart uploads.");
  }
  const id = randomUUID();
  const upload = { id, bucket, key, initiated: Date.now(), headers: storedHeadersOf(context), checksum };
  await context.storage.commit(() => {
    objectOf(context);
    return { type: "upload-created", upload };
  });
  const result = element("InitiateMultipartUploadResult", [
    element("Bucket", bucket),
    element("Key", key),
    element("UploadId", id),
  ]);
  const headers: Record<string, string> =
    checksum === undefined
      ? {}
      : { "x-amz-checksum-algorithm": checksum.toUpperCase(), "x-amz-checksum-type": "COMPOSITE" };
  return { status: 200, headers, xml: document(result) };
}

/** UploadPart: stores the whole part, or nothing. */
export async function uploadPart(context: S3Context): Promise<S3Answer> {
  const { bucket, key } = objectOf(context);
  const { storage } = context;
  const upload = uploadOf(context);
  const number = integerQueryOf(context, "partNumber", { min: 1, max: maxParts, byDefault: 0 });
  if (number === 0) {
    throw new S3Error("InvalidArgument", "partNumber is required");
  }
  const body = receiveBody(context.request, context.response, {
    payload: context.authentication.payload,
    maxBytes: context.limits.maxObjectBytes,
    header: (name) => headerOf(context, name),
    alsoCompute: upload.checksum === undefined ? [] : [upload.checksum],
  });
  const blob = await storage.blobs.write(bucket, key, body.data);
  try {
    const { md5, checksums } = body.summary();
    const part: PartRecord = { number, blob, etag: md5, lastModified: Date.now(), checksums };
    await storage.commit(() => ({ type: "part-stored", uploadId: uploadOf(context).id, part }));
    return { status: 200, headers: { etag: `"${md5}"`, ...checksumHeaders(part) } };
  } catch (cause) {
    await storage.blobs.remove([blob.id]);
    throw cause;
  }
}

/** CompleteMultipartUpload: the parts become the object, without being copied. */
export async function completeUpload(context: S3Context): Promise<S3Answer> {
  const { bucket, key } = objectOf(context);
  const { storage } = context;
  uploadOf(context);
  const listed = parsePartList(await readXmlBody(context));
  let etag = "";
  await storage.commit(() => {
    const upload = uploadOf(context);
    checkStoreConditions(context, storage.catalog.object(bucket, key));
    const object = completedObject(upload, listed, context.limits.minPartBytes);
    etag = object.etag;
    return { type: "upload-completed", uploadId: upload.id, object };
  });
  const result = element("CompleteMultipartUploadResult", [
    element("Location", `/${bucket}/${key}`),
    element("Bucket", bucket),
    element("Key", key),
    element("ETag", `"${etag}"`),
  ]);
  return { status: 200, xml: document(result) };
}

/** AbortMultipartUpload. */
export async function abortUpload(context: S3Context): Promise<S3Answer> {
  await context.storage.commit(() => ({ type: "upload-aborted", uploadId: uploadOf(context).id }));
  return { status: 204 };
}

/** ListParts. */
export function listParts(context: S3Context): S3Answer {
  const upload = uploadOf(context);
  const maxListed = integerQueryOf(context, "max-parts", { min: 1, max: 1000, byDefault: 1000 });
  const marker = integerQueryOf(context, "part-number-marker", { min: 0, max: maxParts, byDefault: 0 });
  const parts = [...upload.parts.values()]
    .filter((part) => part.number > marker)
    .sort((left, right) => left.number - right.number);
  const page = parts.slice(0, maxListed);
  const result = element("ListPartsResult", [
    element("Bucket", upload.bucket),
    element("Key", upload.key),
    element("UploadId", upload.id),
    element("PartNumberMarker", marker),
    element("NextPartNumberMarker", page.at(-1)?.number ?? marker),
    element("MaxParts", maxListed),
    element("IsTruncated", parts.length > page.length),
    ...page.map((part) =>
      element("Part", [
        element("PartNumber", part.number),
        element("LastModified", new Date(part.lastModified).toISOString()),
        element("ETag", `"${part.etag}"`),
        element("Size", part.blob.bytes),
      ]),
    ),
  ]);
  return { status: 200, xml: document(result) };
}

/** ListMultipartUploads: all of a bucket that have the prefix, up to a thousand. */
export function listUploads(context: S3Context, bucket: string): S3Answer {
  const prefix = queryOf(context, "prefix") ?? "";
  const uploads = context.storage.catalog
    .uploads()
    .filter((upload) => upload.bucket === bucket && upload.key.startsWith(prefix))
    .slice(0, 1000);
  const result = element("ListMultipartUploadsResult", [
    element("Bucket", bucket),
    element("Prefix", prefix),
    element("MaxUploads", 1000),
    element("IsTruncated", false),
    ...uploads.map((upload) =>
      element("Upload", [
        element("Key", upload.key),
        element("UploadId", upload.id),
        element("Initiated", new Date(upload.initiated).toISOString()),
      ]),
    ),
  ]);
  return { status: 200, xml: document(result) };
}

function uploadOf(context: S3Context): UploadRecord {
  const { bucket, key } = objectOf(context);
  const upload = context.storage.catalog.upload(queryOf(context, "uploadId") ?? "");
  if (upload === undefined || upload.bucket !== bucket || upload.key !== key) {
    throw new S3Error("NoSuchUpload");
  }
  return upload;
}
