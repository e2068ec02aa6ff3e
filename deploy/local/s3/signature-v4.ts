import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { RequestTarget } from "./request-target";

/** Name of the only signing algorithm that is accepted. */
export const signingAlgorithm = "AWS4-HMAC-SHA256";

/** Date, region and service that a signature is bound to. */
export interface CredentialScope {
  /** Day of the signature, yyyymmdd. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** What a signature covers. */
export interface SignedRequest {
  readonly method: string;
  readonly target: RequestTarget;
  /** Names of the signed headers, lower-case and sorted. */
  readonly signedHeaders: readonly string[];
  /** All values of a header, as received. */
  readonly headerValues: (name: string) => readonly string[];
  /** Value of x-amz-content-sha256, or UNSIGNED-PAYLOAD. */
  readonly payloadHash: string;
}

/** The scope as it stands in credentials and in the string to sign. */
export function formatScope(scope: CredentialScope): string {
  return `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
}

/**
 * Canonical request of Signature Version 4 as S3 uses it: the path is encoded once and not normalised, and the
 * signature itself is no part of the query.
 */
export function canonicalRequest(request: SignedRequest): string {
  const query = request.target.query
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = request.signedHeaders.map((name) => {
    const values = request.headerValues(name).map((value) => value.trim().replace(/ {2,}/g, " "));
    return `${name}:${values.join(",")}\n`;
  });
  return [
    request.method,
    request.target.path
      .split("/")
      .map((segment) => uriEncode(decodeURIComponent(segment)))
      .join("/"),
    query,
    headers.join(""),
    request.signedHeaders.join(";"),
    request.payloadHash,
  ].join("\n");
}

/** String to sign of a whole request. */
export function stringToSign(canonical: string, timestamp: string, scope: CredentialScope): string {
  // Header values arrive as bytes that Node shows as latin1, and it is the bytes that were signed.
  const digest = createHash("sha256").update(canonical, "latin1").digest("hex");
  return [signingAlgorithm, timestamp, formatScope(scope), digest].join("\n");
}

/** Signing key of a secret for a scope. */
export function signingKey(secretAccessKey: string, scope: CredentialScope): Buffer {
  const day = hmac(`AWS4${secretAccessKey}`, scope.date);
  return hmac(hmac(hmac(day, scope.region), scope.service), "aws4_request");
}

/** Hexadecimal signature of a string. */
export function sign(key: Buffer, text: string): string {
  return hmac(key, text).toString("hex");
}

/** Compares two texts in a time that depends on neither. */
export function equalInConstantTime(left: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/** Percent-encodes everything but RFC 3986's unreserved characters. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function compare(left: string, right: string): number {
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}
