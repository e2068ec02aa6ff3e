import { S3Error, type S3ErrorCode } from "./s3-error";
import { type CredentialScope, signingAlgorithm } from "./signature-v4";

/** What a request says about its signature, before any of it is verified. */
export interface CredentialClaim {
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  /** Time of signing as sent, yyyymmddThhmmssZ. */
  readonly timestamp: string;
  /** Time of signing in epoch milliseconds. */
  readonly signedAt: number;
  /** Names of the signed headers, lower-case and sorted. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly presigned: boolean;
  /** Validity of a presigned URL; undefined for a header. */
  readonly expiresInSeconds: number | undefined;
}

const maxExpiresSeconds = 7 * 24 * 3600;

/**
 * Parses an Authorization header.
 *
 * @throws S3Error AuthorizationHeaderMalformed, AccessDenied when there is no date
 */
export function parseAuthorizationHeader(authorization: string, date: string | undefined): CredentialClaim {
  const malformed = "AuthorizationHeaderMalformed";
  const space = authorization.indexOf(" ");
  if (space === -1 || authorization.slice(0, space) !== signingAlgorithm) {
    throw new S3Error("InvalidRequest", "The authorization mechanism you have provided is not supported.");
  }
  const fields = new Map(
    authorization
      .slice(space + 1)
      .split(",")
      .map((field) => {
        const equals = field.indexOf("=");
        return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()] as const;
      }),
  );
  if (date === undefined) {
    throw new S3Error("AccessDenied", "AWS authentication requires a valid x-amz-date header");
  }
  return parseClaim(
    malformed,
    (name) => fields.get(name),
    { credential: "Credential", signedHeaders: "SignedHeaders", signature: "Signature" },
    date,
    undefined,
  );
}

/**
 * Parses the query of a presigned URL.
 *
 * @throws S3Error AuthorizationQueryParametersError
 */
export function parsePresignedQuery(value: (name: string) => string | undefined): CredentialClaim {
  const malformed = "AuthorizationQueryParametersError";
  if (value("X-Amz-Algorithm") !== signingAlgorithm) {
    throw new S3Error(malformed, `X-Amz-Algorithm only supports "${signingAlgorithm}"`);
  }
  const expires = value("X-Amz-Expires") ?? "";
  const expiresInSeconds = Number(expires);
  if (!/^\d{1,10}$/.test(expires) || expiresInSeconds < 1 || expiresInSeconds > maxExpiresSeconds) {
    throw new S3Error(malformed, `X-Amz-Expires must be a number of seconds from 1 to ${maxExpiresSeconds}`);
  }
  return parseClaim(
    malformed,
    value,
    { credential: "X-Amz-Credential", signedHeaders: "X-Amz-SignedHeaders", signature: "X-Amz-Signature" },
    value("X-Amz-Date") ?? "",
    expiresInSeconds,
  );
}

function parseClaim(
  malformed: S3ErrorCode,
  value: (name: string) => string | undefined,
  names: { credential: string; signedHeaders: string; signature: string },
  timestamp: string,
  expiresInSeconds: number | undefined,
): CredentialClaim {
  const credential = /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(value(names.credential) ?? "");
  const [, accessKeyId, date, region, service] = credential ?? [];
  if (accessKeyId === undefined || date === undefined || region === undefined || service !== "s3") {
    throw new S3Error(malformed, `${names.credential} must be <access key id>/<date>/<region>/s3/aws4_request`);
  }
  const signedAt = parseTimestamp(timestamp);
  if (signedAt === undefined || timestamp.slice(0, 8) !== date) {
    throw new S3Error(malformed, "The date must be in the ISO 8601 basic format and on the day of the credential");
  }
  const signedHeaders = (value(names.signedHeaders) ?? "").split(";");
  const inOrder = signedHeaders.every((name, index) => index === 0 || (signedHeaders[index - 1] ?? "") < name);
  if (!inOrder || !signedHeaders.every((name) => /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name))) {
    throw new S3Error(malformed, `${names.signedHeaders} must be lower-case names in order, separated by ";"`);
  }
  return {
    accessKeyId,
    scope: { date, region, service },
    timestamp,
    signedAt,
    signedHeaders,
    signature: value(names.signature) ?? "",
    presigned: expiresInSeconds !== undefined,
    expiresInSeconds,
  };
}

function parseTimestamp(timestamp: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(timestamp);
  if (match === null) {
    return undefined;
  }
  const [, year, month, day, hour, minute, second] = match;
  const epochMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
