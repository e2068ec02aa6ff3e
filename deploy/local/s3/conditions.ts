import { headerOf, type S3Context } from "./context";
import type { ObjectRecord } from "./records";
import { S3Error } from "./s3-error";

/**
 * Evaluates the conditional headers of a GET or HEAD in the order of RFC 9110 section 13.2.2.
 *
 * @returns true when the client's copy is current (304)
 * @throws S3Error PreconditionFailed
 */
export function isNotModified(context: S3Context, object: ObjectRecord): boolean {
  const seconds = Math.floor(object.lastModified / 1000);
  const ifMatch = headerOf(context, "if-match");
  const ifUnmodifiedSince = epochSeconds(headerOf(context, "if-unmodified-since"));
  if (ifMatch !== undefined ? !matches(ifMatch, object.etag) : seconds > (ifUnmodifiedSince ?? Infinity)) {
    throw new S3Error("PreconditionFailed");
  }
  const ifNoneMatch = headerOf(context, "if-none-match");
  if (ifNoneMatch !== undefined) {
    return matches(ifNoneMatch, object.etag);
  }
  const ifModifiedSince = epochSeconds(headerOf(context, "if-modified-since"));
  return ifModifiedSince !== undefined && seconds <= ifModifiedSince;
}

/**
 * Checks If-None-Match and If-Match of a request that stores an object, against what is stored now.
 *
 * @throws S3Error PreconditionFailed, NoSuchKey for If-Match without an object
 */
export function checkStoreConditions(context: S3Context, existing: ObjectRecord | undefined): void {
  const ifNoneMatch = headerOf(context, "if-none-match");
  if (ifNoneMatch !== undefined && existing !== undefined && matches(ifNoneMatch, existing.etag)) {
    throw new S3Error("PreconditionFailed");
  }
  const ifMatch = headerOf(context, "if-match");
  if (ifMatch === undefined) {
    return;
  }
  if (existing === undefined) {
    throw new S3Error("NoSuchKey");
  }
  if (!matches(ifMatch, existing.etag)) {
    throw new S3Error("PreconditionFailed");
  }
}

/** Whether an If-Match style list names the ETag. */
export function matches(list: string, etag: string): boolean {
  return list.split(",").some((item) => {
    const candidate = item.trim().replace(/^W\//, "").replaceAll('"', "");
    return candidate === "*" || candidate === etag;
  });
}

function epochSeconds(date: string | undefined): number | undefined {
  const epochMs = Date.parse(date ?? "");
  return Number.isNaN(epochMs) ? undefined : Math.floor(epochMs / 1000);
}
