import type { JaegerLog, JaegerProcess, JaegerReference, JaegerTag } from "./jaeger-model";
import type { AnyValue, Attribute, ExportRequest, OtlpEvent, OtlpSpan, ScopeSpans } from "./otlp-trace";

/** A span as it is kept: in Jaeger's terms, with the process it came from. Times are microseconds. */
export interface StoredSpan {
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits. */
  spanId: string;
  name: string;
  /** "" where the sender named none. */
  kind: string;
  startTime: number;
  duration: number;
  references: JaegerReference[];
  tags: JaegerTag[];
  logs: JaegerLog[];
  /** Shared by all spans of one export. */
  process: JaegerProcess;
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const KINDS = ["", "internal", "server", "client", "producer", "consumer"];
const STATUS_OK = 1;
const STATUS_ERROR = 2;
/** Jaeger's name for a process that does not tell its own. */
const NO_SERVICE_NAME = "OTLPResourceNoServiceName";

/**
 * The spans of one export in Jaeger's terms, as its own OTLP receiver translates them. Spans whose ids are not valid
 * (W3C Trace Context, section 3.2.2) are left out.
 */
export function toStoredSpans({ resourceSpans }: ExportRequest): StoredSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const process = toProcess(resource?.attributes ?? []);
    return scopeSpans.flatMap((scope) =>
      scope.spans.filter(hasValidIds).map((span) => toStoredSpan(span, scope.scope, process)),
    );
  });
}

function toProcess(attributes: Attribute[]): JaegerProcess {
  const name = attributes.find(({ key }) => key === "service.name")?.value?.value;
  return {
    serviceName: name?.oneofKind === "stringValue" ? name.stringValue : NO_SERVICE_NAME,
    tags: attributes.filter(({ key }) => key !== "service.name").map(toTag),
  };
}

function hasValidIds({ traceId, spanId }: OtlpSpan): boolean {
  return isId(traceId, TRACE_ID_BYTES) && isId(spanId, SPAN_ID_BYTES);
}

function isId(bytes: Uint8Array, length: number): boolean {
  return bytes.length === length && bytes.some((byte) => byte !== 0);
}

function toStoredSpan(span: OtlpSpan, scope: ScopeSpans["scope"], process: JaegerProcess): StoredSpan {
  const traceId = hex(span.traceId);
  const kind = KINDS[span.kind] ?? "";
  const startTime = toMicroseconds(span.startTimeUnixNano);
  const elapsedNano = span.endTimeUnixNano - span.startTimeUnixNano;
  return {
    traceId,
    spanId: hex(span.spanId),
    name: span.name,
    kind,
    startTime,
    duration: elapsedNano > 0n ? toMicroseconds(elapsedNano) : 0,
    references: toReferences(span, traceId),
    tags: toTags(span, kind, scope),
    logs: span.events.map(toLog),
    process,
  };
}

function toReferences({ parentSpanId, links }: OtlpSpan, traceID: string): JaegerReference[] {
  const linked = links.map((link): JaegerReference => {
    return { refType: "FOLLOWS_FROM", traceID: hex(link.traceId), spanID: hex(link.spanId) };
  });
  return isId(parentSpanId, SPAN_ID_BYTES)
    ? [{ refType: "CHILD_OF", traceID, spanID: hex(parentSpanId) }, ...linked]
    : linked;
}

function toTags({ attributes, status, traceState }: OtlpSpan, kind: string, scope: ScopeSpans["scope"]): JaegerTag[] {
  const tags: JaegerTag[] = [];
  const addText = (key: string, value: string | undefined) => {
    if (value) {
      tags.push({ key, type: "string", value });
    }
  };
  addText("otel.scope.name", scope?.name);
  addText("otel.scope.version", scope?.version);
  tags.push(...attributes.map(toTag));
  addText("span.kind", kind);
  if (status?.code === STATUS_OK) {
    addText("otel.status_code", "OK");
  } else if (status?.code === STATUS_ERROR) {
    addText("otel.status_code", "ERROR");
    tags.push({ key: "error", type: "bool", value: true });
  }
  addText("otel.status_description", status?.message);
  addText("w3c.tracestate", traceState);
  return tags;
}

function toLog({ timeUnixNano, name, attributes }: OtlpEvent): JaegerLog {
  const fields = attributes.map(toTag);
  const named = name === "" || attributes.some(({ key }) => key === "event");
  return {
    timestamp: toMicroseconds(timeUnixNano),
    fields: named ? fields : [{ key: "event", type: "string", value: name }, ...fields],
  };
}

function toTag({ key, value }: Attribute): JaegerTag {
  const any = value?.value;
  switch (any?.oneofKind) {
    case "boolValue":
      return { key, type: "bool", value: any.boolValue };
    case "intValue":
      return { key, type: "int64", value: toJsonInteger(any.intValue) };
    case "doubleValue":
      return { key, type: "float64", value: any.doubleValue };
    case "bytesValue":
      return { key, type: "binary", value: Buffer.from(any.bytesValue).toString("base64") };
    case "stringValue":
      return { key, type: "string", value: any.stringValue };
    case "arrayValue":
    case "kvlistValue":
      return { key, type: "string", value: JSON.stringify(toJson(value)) };
    case undefined:
      return { key, type: "string", value: "" };
  }
}

function toJson(value: AnyValue | undefined): unknown {
  const any = value?.value;
  switch (any?.oneofKind) {
    case "boolValue":
      return any.boolValue;
    case "intValue":
      return toJsonInteger(any.intValue);
    case "doubleValue":
      return any.doubleValue;
    case "bytesValue":
      return Buffer.from(any.bytesValue).toString("base64");
    case "stringValue":
      return any.stringValue;
    case "arrayValue":
      return any.arrayValue.values.map(toJson);
    case "kvlistValue":
      return Object.fromEntries(any.kvlistValue.values.map((entry) => [entry.key, toJson(entry.value)]));
    case undefined:
      return null;
  }
}

function toJsonInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function toMicroseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1000n);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
