import { STATUS_CODES } from "node:http";
import { isValidErrorCode, type TwirpError, TwirpErrorCode } from "twirp-ts";
import { twirpError } from "../errors";
import type { HttpAnswer } from "./http-exchange";

/** How the specification spells `data_loss`, against what Go's and other implementations send. */
const DATA_LOSS_IN_SPECIFICATION = "dataloss";

/**
 * The error in a response that is not 200: the Twirp error in its body, or, when a proxy or load balancer answered, what its
 * status means, exactly as Go's client maps it (Twirp v7, "HTTP Errors from Intermediary Proxies").
 */
export function errorFromAnswer(answer: HttpAnswer): TwirpError {
  const { status, headers } = answer;
  const text = `${status} "${STATUS_CODES[status] ?? ""}"`;
  if (isRedirect(status)) {
    const location = headers.location ?? "";
    const message = `unexpected HTTP status code ${text} received, Location=${JSON.stringify(location)}`;
    return fromIntermediary(status, message, { location });
  }
  const body = answer.body.toString("utf8");
  const error = parseTwirpError(body);
  if (error === undefined) {
    return fromIntermediary(status, `Error from intermediary with HTTP status code ${text}`, { body });
  }
  const code = error.code === DATA_LOSS_IN_SPECIFICATION ? TwirpErrorCode.DataLoss : error.code;
  if (!isValidErrorCode(code as TwirpErrorCode)) {
    return twirpError(TwirpErrorCode.Internal, `invalid type returned from server error response: ${code}`, { body });
  }
  return twirpError(code as TwirpErrorCode, error.msg, error.meta);
}

interface ErrorBody {
  readonly code: string;
  readonly msg: string;
  readonly meta: Readonly<Record<string, string>>;
}

/** Go's client takes an object with these three fields of these types, and no others. */
function parseTwirpError(body: string): ErrorBody | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return undefined;
  }
  const { code, msg, meta, ...others } = parsed as Record<string, unknown>;
  if (typeof code !== "string" || code === "" || Object.keys(others).length > 0) {
    return undefined;
  }
  if ((msg !== undefined && msg !== null && typeof msg !== "string") || !isStringMap(meta)) {
    return undefined;
  }
  return { code, msg: msg ?? "", meta: meta ?? {} };
}

function isStringMap(value: unknown): value is Record<string, string> | undefined | null {
  if (value === undefined || value === null) {
    return true;
  }
  return (
    typeof value === "object" &&
    !Array.isArray(value) &&
    Object.values(value).every((entry) => typeof entry === "string")
  );
}

function fromIntermediary(status: number, message: string, meta: Record<string, string>): TwirpError {
  return twirpError(intermediaryCode(status), message, {
    http_error_from_intermediary: "true",
    status_code: String(status),
    ...meta,
  });
}

function intermediaryCode(status: number): TwirpErrorCode {
  if (isRedirect(status)) {
    return TwirpErrorCode.Internal;
  }
  switch (status) {
    case 400:
      return TwirpErrorCode.Internal;
    case 401:
      return TwirpErrorCode.Unauthenticated;
    case 403:
      return TwirpErrorCode.PermissionDenied;
    case 404:
      return TwirpErrorCode.BadRoute;
    case 429:
      return TwirpErrorCode.ResourceExhausted;
    case 502:
    case 503:
    case 504:
      return TwirpErrorCode.Unavailable;
    default:
      return TwirpErrorCode.Unknown;
  }
}

function isRedirect(status: number): boolean {
  return status >= 300 && status <= 399;
}
