import type { JaegerTag } from "./jaeger-model";
import type { StoredSpan } from "./stored-span";

/** What a search asks for: one span must meet all of it. Times and durations are microseconds. */
export interface TraceQuery {
  service: string;
  /** "" for any. */
  operation: string;
  /** Values by key, compared as text, wherever a span has tags: its own, its process's or its logs'. */
  tags: ReadonlyMap<string, string>;
  /** Earliest and latest start. */
  startTime: number;
  endTime: number;
  minDuration: number;
  maxDuration: number;
  /** Most traces to answer. */
  limit: number;
}

/** A parameter of a request that cannot be understood; the message is Jaeger's. */
export class QueryError extends Error {}

const DEFAULT_LIMIT = 100;
const DEFAULT_LOOKBACK = "48h";
const MICROSECONDS: Readonly<Record<string, number>> = {
  ns: 1e-3,
  us: 1,
  µs: 1,
  μs: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  h: 3_600e6,
  d: 86_400e6,
  w: 604_800e6,
};

/** Whether a span meets the query. */
export function matches(span: StoredSpan, query: TraceQuery): boolean {
  return (
    span.process.serviceName === query.service &&
    (query.operation === "" || span.name === query.operation) &&
    span.startTime >= query.startTime &&
    span.startTime <= query.endTime &&
    span.duration >= query.minDuration &&
    span.duration <= query.maxDuration &&
    [...query.tags].every(([key, value]) => hasTag(span, key, value))
  );
}

function hasTag(span: StoredSpan, key: string, value: string): boolean {
  const isIt = (tag: JaegerTag) => tag.key === key && String(tag.value) === value;
  return span.tags.some(isIt) || span.process.tags.some(isIt) || span.logs.some(({ fields }) => fields.some(isIt));
}

/**
 * Reads the parameters of `GET /api/traces` as Jaeger does: `service` (required), `operation`, `tag` (key:value) and
 * `tags` (JSON object), `start` and `end` (microseconds), `minDuration` and `maxDuration` ("1.5ms"), `limit`.
 * `lookback` ("1h"), which in Jaeger only its web page reads, stands for `start` where that is missing.
 *
 * @param nowMs the clock, for the defaults
 * @throws QueryError
 */
export function parseTraceQuery(params: URLSearchParams, nowMs: number): TraceQuery {
  const endTime = integer(params, "end") ?? nowMs * 1000;
  const query: TraceQuery = {
    service: params.get("service") ?? "",
    operation: params.get("operation") ?? "",
    tags: parseTags(params),
    startTime: integer(params, "start") ?? endTime - parseLookback(params.get("lookback")),
    endTime,
    minDuration: duration(params, "minDuration") ?? 0,
    maxDuration: duration(params, "maxDuration") ?? Number.POSITIVE_INFINITY,
    limit: Math.max(0, integer(params, "limit") ?? DEFAULT_LIMIT),
  };
  if (query.service === "") {
    throw new QueryError("parameter 'service' is required");
  }
  if (query.maxDuration < query.minDuration) {
    throw new QueryError("'maxDuration' should be greater than 'minDuration'");
  }
  return query;
}

/**
 * Reads a whole number.
 *
 * @returns undefined when the parameter is missing or empty
 * @throws QueryError
 */
export function integer(params: URLSearchParams, name: string): number | undefined {
  const value = params.get(name);
  if (value === null || value === "") {
    return undefined;
  }
  if (!/^[+-]?\d+$/.test(value)) {
    throw new QueryError(
      `unable to parse param '${name}': strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`,
    );
  }
  return Number(value);
}

function duration(params: URLSearchParams, name: string): number | undefined {
  const value = params.get(name);
  if (value === null || value === "") {
    return undefined;
  }
  const parsed = parseDuration(value);
  if (parsed === undefined) {
    throw new QueryError(`unable to parse param '${name}': time: invalid duration ${JSON.stringify(value)}`);
  }
  return parsed;
}

function parseLookback(value: string | null): number {
  const parsed = parseDuration(value || DEFAULT_LOOKBACK) ?? parseDuration(DEFAULT_LOOKBACK);
  return parsed ?? 0;
}

/** Go's durations ("1h30m", "2.5ms", "0"), and days and weeks as Jaeger's page has them; undefined for all else. */
function parseDuration(value: string): number | undefined {
  if (value === "0") {
    return 0;
  }
  if (!/^(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w))*$/.test(value)) {
    return undefined;
  }
  return [...value.matchAll(/([\d.]+)(\D+)/g)].reduce(
    (sum, [, amount = "0", unit = ""]) => sum + Number(amount) * (MICROSECONDS[unit] ?? 0),
    0,
  );
}

function parseTags(params: URLSearchParams): Map<string, string> {
  const tags = new Map<string, string>();
  for (const tag of params.getAll("tag")) {
    const colon = tag.indexOf(":");
    if (colon === -1) {
      throw new QueryError(`malformed 'tag' parameter, expecting key:value, received: ${tag}`);
    }
    tags.set(tag.slice(0, colon), tag.slice(colon + 1));
  }
  for (const json of params.getAll("tags").filter((value) => value !== "")) {
    for (const [key, value] of Object.entries(parseTagObject(json))) {
      tags.set(key, value);
    }
  }
  return tags;
}

function parseTagObject(json: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw malformedTags(error instanceof Error ? error.message : "not JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw malformedTags("not an object");
  }
  return Object.fromEntries(
    Object.entries(parsed).map(([key, value]) => {
      if (typeof value !== "string") {
        throw malformedTags(`value of ${JSON.stringify(key)} is not a string`);
      }
      return [key, value];
    }),
  );
}

function malformedTags(why: string): QueryError {
  return new QueryError(`malformed 'tags' parameter, cannot unmarshal JSON: ${why}`);
}
