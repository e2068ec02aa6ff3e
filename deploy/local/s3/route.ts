import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from "./bucket-operations";
import { bucketOf, headerOf, type S3Answer, type S3Context } from "./context";
import { listObjects } from "./list-objects";
import { abortUpload, completeUpload, createUpload, listParts, listUploads, uploadPart } from "./multipart-operations";
import { copyObject, deleteObject, deleteObjects, getObject, putObject } from "./object-operations";
import { S3Error } from "./s3-error";

/** Parameters that pick an operation; those without one here answer NotImplemented instead of doing something else. */
const subresources: ReadonlySet<string> = new Set([
  "accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering", "inventory",
  "legal-hold", "lifecycle", "location", "logging", "metrics", "notification", "object-lock", "ownershipControls",
  "partNumber", "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment", "restore", "retention",
  "select", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
]); // biome-ignore format: a list of words

/**
 * Performs the operation that a request asks for.
 *
 * @throws S3Error
 */
export async function route(context: S3Context): Promise<S3Answer> {
  const { bucket, key, query } = context.target;
  const asked = query.map(([name]) => name).filter((name) => subresources.has(name));
  const operation = `${context.request.method} ${asked.sort().join("&")}`.trim();
  if (bucket === undefined) {
    if (operation === "GET") {
      return listBuckets(context);
    }
    throw new S3Error("MethodNotAllowed");
  }
  return key === undefined ? await routeBucket(context, operation) : await routeObject(context, operation);
}

async function routeBucket(context: S3Context, operation: string): Promise<S3Answer> {
  switch (operation) {
    case "GET":
      return listObjects(context);
    case "HEAD":
      return headBucket(context);
    case "PUT":
      return await createBucket(context);
    case "DELETE":
      return await deleteBucket(context);
    case "GET location":
      return getBucketLocation(context);
    case "GET uploads":
      return listUploads(context, bucketOf(context));
    case "POST delete":
      return await deleteObjects(context, bucketOf(context));
    default:
      throw unknown(operation);
  }
}

async function routeObject(context: S3Context, operation: string): Promise<S3Answer> {
  const copies = headerOf(context, "x-amz-copy-source") !== undefined;
  switch (operation) {
    case "GET":
    case "HEAD":
      return getObject(context);
    case "PUT":
      return copies ? await copyObject(context) : await putObject(context);
    case "DELETE":
      return await deleteObject(context);
    case "POST uploads":
      return await createUpload(context);
    case "PUT partNumber&uploadId":
      if (copies) {
        throw new S3Error("NotImplemented");
      }
      return await uploadPart(context);
    case "POST uploadId":
      return await completeUpload(context);
    case "DELETE uploadId":
      return await abortUpload(context);
    case "GET uploadId":
      return listParts(context);
    default:
      throw unknown(operation);
  }
}

function unknown(operation: string): S3Error {
  return new S3Error(operation.includes(" ") ? "NotImplemented" : "MethodNotAllowed");
}
