import type { IncomingMessage, ServerResponse } from "node:http";
import type { Authentication } from "./authenticate";
import type { ObjectStorage } from "./object-storage";
import { queryValue, type RequestTarget } from "./request-target";
import { S3Error } from "./s3-error";

/** Bounds on what a client may store or send. */
export interface S3Limits {
  /** Longest object or part that one request may carry, in bytes. */
  readonly maxObjectBytes: number;
  /** Shortest part but for the last of a multipart upload, in bytes. */
  readonly minPartBytes: number;
  /** Longest XML document in a request, in bytes. */
  readonly maxXmlBytes: number;
}

/** A request whose signature was verified, and what an operation needs to answer it. */
export interface S3Context {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: RequestTarget;
  readonly authentication: Authentication;
  readonly storage: ObjectStorage;
  readonly limits: S3Limits;
}

/** An answer: an XML document, the bytes of an object, or nothing. */
export interface S3Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly xml?: string;
  readonly data?: AsyncIterable<Buffer>;
}

/** A header; of a presigned URL also the query parameter that the header was moved to. */
export function headerOf(context: S3Context, name: string): string | undefined {
  const values = context.request.headersDistinct[name];
  if (values !== undefined) {
    return values.join(",");
  }
  if (!context.authentication.presigned || !name.startsWith("x-amz-")) {
    return undefined;
  }
  return context.target.query.find(([parameter]) => parameter.toLowerCase() === name)?.[1];
}

/** A query parameter. */
export function queryOf(context: S3Context, name: string): string | undefined {
  return queryValue(context.target, name);
}

/**
 * A query parameter that is a whole number.
 *
 * @throws S3Error InvalidArgument when it is none or out of range
 */
export function integerQueryOf(
  context: S3Context,
  name: string,
  { min, max, byDefault }: { min: number; max: number; byDefault: number },
): number {
  const text = queryOf(context, name);
  if (text === undefined) {
    return byDefault;
  }
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < min || value > max) {
    throw new S3Error("InvalidArgument", `${name} must be an integer from ${min} to ${max}`);
  }
  return value;
}

/**
 * The bucket of the request.
 *
 * @throws S3Error NoSuchBucket
 */
export function bucketOf(context: S3Context): string {
  const { bucket } = context.target;
  if (bucket === undefined || !context.storage.catalog.hasBucket(bucket)) {
    throw new S3Error("NoSuchBucket");
  }
  return bucket;
}

/**
 * Bucket and key of the request.
 *
 * @throws S3Error NoSuchBucket, InvalidRequest without a key
 */
export function objectOf(context: S3Context): { bucket: string; key: string } {
  const bucket = bucketOf(context);
  const { key } = context.target;
  if (key === undefined) {
    throw new S3Error("InvalidRequest", "A key is required.");
  }
  return { bucket, key };
}
