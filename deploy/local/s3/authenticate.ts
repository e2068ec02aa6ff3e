import type { IncomingMessage } from "node:http";
import { type CredentialClaim, parseAuthorizationHeader, parsePresignedQuery } from "./credential-claim";
import { type Payload, parsePayload } from "./payload";
import { queryValue, type RequestTarget } from "./request-target";
import { S3Error } from "./s3-error";
import { canonicalRequest, equalInConstantTime, sign, signingKey, stringToSign } from "./signature-v4";

/** A pair of keys that may use the server. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What is known of a request whose signature is right. */
export interface Authentication {
  readonly accessKeyId: string;
  readonly presigned: boolean;
  /** How the body is to be checked. */
  readonly payload: Payload;
}

/** Whom and what to accept. */
export interface AuthenticationRules {
  readonly credentials: readonly Credentials[];
  /** Region that signatures must name; any when undefined. */
  readonly region?: string | undefined;
  /** The time now, in epoch milliseconds. */
  readonly now: () => number;
}

const maxSkewMs = 15 * 60_000;

/**
 * Verifies the Signature Version 4 of a request: an Authorization header, or the query of a presigned URL.
 *
 * @throws S3Error AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed and others of status 400
 */
export function authenticate(
  request: IncomingMessage,
  target: RequestTarget,
  rules: AuthenticationRules,
): Authentication {
  const claim = claimOf(request, target);
  const credentials = rules.credentials.find((known) => known.accessKeyId === claim.accessKeyId);
  if (credentials === undefined) {
    throw new S3Error("InvalidAccessKeyId");
  }
  if (rules.region !== undefined && claim.scope.region !== rules.region) {
    const code = claim.presigned ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed";
    throw new S3Error(code, `The region '${claim.scope.region}' is wrong; expecting '${rules.region}'`);
  }
  checkTime(claim, rules.now());
  checkCoverage(request, claim);

  const payloadHash = payloadHashOf(request, target, claim);
  const key = signingKey(credentials.secretAccessKey, claim.scope);
  const canonical = canonicalRequest({
    method: request.method ?? "",
    target,
    signedHeaders: claim.signedHeaders,
    headerValues: (name) => request.headersDistinct[name] ?? [],
    payloadHash,
  });
  const expected = sign(key, stringToSign(canonical, claim.timestamp, claim.scope));
  if (!equalInConstantTime(expected, claim.signature)) {
    throw new S3Error("SignatureDoesNotMatch");
  }
  return {
    accessKeyId: claim.accessKeyId,
    presigned: claim.presigned,
    payload: parsePayload(payloadHash, { key, timestamp: claim.timestamp, scope: claim.scope, seed: expected }),
  };
}

function claimOf(request: IncomingMessage, target: RequestTarget): CredentialClaim {
  const authorization = request.headers.authorization;
  const presigned = target.query.some(([name]) => name === "X-Amz-Signature" || name === "X-Amz-Algorithm");
  if (authorization !== undefined && presigned) {
    throw new S3Error("InvalidArgument", "Only one auth mechanism allowed");
  }
  if (presigned) {
    return parsePresignedQuery((name) => queryValue(target, name));
  }
  if (authorization === undefined) {
    throw new S3Error("AccessDenied");
  }
  return parseAuthorizationHeader(authorization, request.headers["x-amz-date"]?.toString());
}

function checkTime(claim: CredentialClaim, now: number): void {
  if (claim.expiresInSeconds === undefined) {
    if (Math.abs(now - claim.signedAt) > maxSkewMs) {
      throw new S3Error("RequestTimeTooSkewed");
    }
    return;
  }
  if (claim.signedAt - now > maxSkewMs) {
    throw new S3Error("AccessDenied", "Request is not valid yet");
  }
  if (now > claim.signedAt + claim.expiresInSeconds * 1000) {
    throw new S3Error("AccessDenied", "Request has expired");
  }
}

/** The host, and every header that changes what S3 does, must be covered by the signature. */
function checkCoverage(request: IncomingMessage, claim: CredentialClaim): void {
  const covered = new Set(claim.signedHeaders);
  const missing = Object.keys(request.headers).filter(
    (name) => (name === "host" || name.startsWith("x-amz-")) && !covered.has(name),
  );
  if (missing.length > 0 || !covered.has("host")) {
    throw new S3Error("AccessDenied", "There were headers present in the request which were not signed");
  }
}

function payloadHashOf(request: IncomingMessage, target: RequestTarget, claim: CredentialClaim): string {
  const header = request.headers["x-amz-content-sha256"]?.toString();
  if (header !== undefined) {
    return header;
  }
  if (!claim.presigned) {
    throw new S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  return queryValue(target, "X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD";
}
