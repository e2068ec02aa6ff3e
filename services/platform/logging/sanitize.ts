import { describeError, textOf } from "./describe-error";
import { isBodyName, isSecretName, redactText } from "./redact";

const MAX_DEPTH = 6;
const MAX_ITEMS = 100;
const MAX_TEXT = 16_384;

/**
 * A copy of a value that is fit for a log line: plain JSON values only, no secrets, no bodies, no presigned query strings,
 * bounded in depth and length. Cycles end at the depth limit.
 */
export function sanitize(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case "string":
      return sanitizeText(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
    case "undefined":
      return value;
    case "bigint":
    case "symbol":
      return String(value);
    case "function":
      return "[function]";
    case "object":
      return value === null ? null : sanitizeObject(value, depth);
  }
}

/** The value of a named field: left out of the log when the name says that it is a secret or a body. */
export function sanitizeField(name: string, value: unknown, depth = 0): unknown {
  if (value === undefined || value === null) {
    return value;
  }
  if (isSecretName(name)) {
    return "[redacted]";
  }
  if (isBodyName(name) && (typeof value === "string" || value instanceof Uint8Array)) {
    return `[${value.length} ${typeof value === "string" ? "characters" : "bytes"} left out]`;
  }
  return sanitize(value, depth);
}

/** A text without secrets in URLs, cut where it is longer than 16 Ki characters. */
export function sanitizeText(text: string): string {
  return text.length <= MAX_TEXT
    ? redactText(text)
    : `${redactText(text.slice(0, MAX_TEXT))}… (${text.length - MAX_TEXT} more characters)`;
}

function sanitizeObject(value: object, depth: number): unknown {
  if (value instanceof Error) {
    return describeError(value);
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  }
  if (value instanceof URL) {
    return redactText(value.href);
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.byteLength} bytes]`;
  }
  if (depth >= MAX_DEPTH) {
    return "[deeper]";
  }
  if (Array.isArray(value) || value instanceof Set) {
    return sanitizeItems([...value], depth);
  }
  const entries =
    value instanceof Map ? [...value] : Object.keys(value).map((name) => [name, read(value, name)] as const);
  return Object.fromEntries(
    entries.slice(0, MAX_ITEMS).map(([key, item]) => [textOf(key), sanitizeField(textOf(key), item, depth + 1)]),
  );
}

/** A property; one that throws must not cost the whole line. */
function read(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return "[unreadable]";
  }
}

function sanitizeItems(items: readonly unknown[], depth: number): unknown[] {
  const copy = items.slice(0, MAX_ITEMS).map((item) => sanitize(item, depth + 1));
  if (items.length > MAX_ITEMS) {
    copy.push(`… (${items.length - MAX_ITEMS} more)`);
  }
  return copy;
}
