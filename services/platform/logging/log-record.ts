import { isSpanContextValid, trace } from "@opentelemetry/api";
import { currentCaller, currentRequestId, currentSubject } from "../http/request-context";
import { subjectFields } from "../telemetry/subject";
import { describeError, errorMessage } from "./describe-error";
import { sanitizeField, sanitizeText } from "./sanitize";

/** One log line before it is text. Other fields follow those named here. */
export interface LogRecord {
  /** ISO 8601 in UTC with milliseconds. */
  time: string;
  level: string;
  service: string;
  message: string;
  trace_id?: string;
  span_id?: string;
  request_id?: string;
  /** Who makes the request that the line belongs to. */
  caller?: string;
  [field: string]: unknown;
}

/** What winston hands to `write`; symbols as `triple-beam` names them. */
export type WinstonInfo = Record<string | symbol, unknown>;

/** Symbol of the level in winston's records. */
export const LEVEL = Symbol.for("level");

/** Symbol of the finished text in winston's records. */
export const MESSAGE = Symbol.for("message");

const SPLAT = Symbol.for("splat");

const RESERVED = new Set(["time", "level", "service", "message", "trace_id", "span_id", "request_id", "caller"]);

/**
 * Makes the record of a log call. Called at the time of the call, not when the line is written: later the active span and
 * request are others, and logged objects may have changed.
 */
export function makeLogRecord(service: string, info: WinstonInfo): LogRecord {
  const { message, fields } = readInfo(info);
  const record: LogRecord = {
    time: new Date().toISOString(),
    level: String(info[LEVEL] ?? info["level"]),
    service,
    message: sanitizeText(message),
  };
  const span = trace.getActiveSpan()?.spanContext();
  if (span !== undefined && isSpanContextValid(span)) {
    record.trace_id = span.traceId;
    record.span_id = span.spanId;
  }
  const requestId = fields["request_id"] ?? currentRequestId();
  if (typeof requestId === "string") {
    record.request_id = requestId;
  }
  const caller = currentCaller();
  if (caller !== undefined) {
    record.caller = caller;
  }
  const subject = currentSubject();
  if (subject !== undefined) {
    Object.assign(record, subjectFields(subject));
  }
  for (const [name, value] of Object.entries(fields)) {
    if (!RESERVED.has(name)) {
      record[name] = sanitizeField(name, value);
    }
  }
  return record;
}

/** Undoes what winston does to errors, and to fields of messages with a percent sign, which it takes for a format string. */
function readInfo(info: WinstonInfo): { message: string; fields: Record<string, unknown> } {
  if (info instanceof Error) {
    return { message: errorMessage(info), fields: { error: describeError(info) } };
  }
  const splat = info[SPLAT];
  const meta: unknown = Array.isArray(splat) ? splat[0] : undefined;
  const { message } = info;
  const text = message instanceof Error ? errorMessage(message) : textOf(message);
  const error = [meta, message].find((candidate) => candidate instanceof Error);
  if (error !== undefined) {
    // winston spread the error's own properties over the fields; they are the error's.
    const fields = Object.entries(info).filter(([name]) => !(name in error));
    return { message: text, fields: { ...Object.fromEntries(fields), error } };
  }
  return { message: text, fields: { ...info, ...(isFields(meta) ? meta : {}) } };
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(message: unknown): string {
  return typeof message === "object" && message !== null ? JSON.stringify(sanitizeField("", message)) : String(message);
}
