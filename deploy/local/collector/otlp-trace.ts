import { LongType, MessageType, type PartialFieldInfo, RepeatType, ScalarType } from "@protobuf-ts/runtime";

/*
 * The part of the OpenTelemetry protocol that carries spans (opentelemetry/proto/trace/v1 and what it imports),
 * described for the protobuf runtime. Fields that nobody here reads, such as counts of what was dropped, are left out:
 * the decoder skips what it does not know.
 */

/** Value of an attribute: a scalar, a list or a map. */
export interface AnyValue {
  value:
    | { oneofKind: "stringValue"; stringValue: string }
    | { oneofKind: "boolValue"; boolValue: boolean }
    | { oneofKind: "intValue"; intValue: bigint }
    | { oneofKind: "doubleValue"; doubleValue: number }
    | { oneofKind: "arrayValue"; arrayValue: { values: AnyValue[] } }
    | { oneofKind: "kvlistValue"; kvlistValue: { values: Attribute[] } }
    | { oneofKind: "bytesValue"; bytesValue: Uint8Array }
    | { oneofKind: undefined };
}

/** `common.v1.KeyValue`. */
export interface Attribute {
  key: string;
  value?: AnyValue;
}

/** `trace.v1.Span.Event`: something that happened at one moment of a span. */
export interface OtlpEvent {
  timeUnixNano: bigint;
  name: string;
  attributes: Attribute[];
}

/** `trace.v1.Span.Link`: a span of any trace that this one has to do with. */
interface OtlpLink {
  traceId: Uint8Array;
  spanId: Uint8Array;
}

/** `trace.v1.Span`. Times are nanoseconds since 1970. */
export interface OtlpSpan {
  traceId: Uint8Array;
  spanId: Uint8Array;
  traceState: string;
  parentSpanId: Uint8Array;
  name: string;
  /** `SpanKind`: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: Attribute[];
  events: OtlpEvent[];
  links: OtlpLink[];
  /** `StatusCode`: 0 unset, 1 ok, 2 error. */
  status?: { message: string; code: number };
}

/** `trace.v1.ScopeSpans`: spans by the library that made them. */
export interface ScopeSpans {
  scope?: { name: string; version: string };
  spans: OtlpSpan[];
}

/** `trace.v1.ResourceSpans`: spans by the process that made them. */
interface ResourceSpans {
  resource?: { attributes: Attribute[] };
  scopeSpans: ScopeSpans[];
}

/** `collector.trace.v1.ExportTraceServiceRequest`. */
export interface ExportRequest {
  resourceSpans: ResourceSpans[];
}

/** Full name of the one RPC of `collector.trace.v1.TraceService`, as gRPC puts it into the path. */
export const EXPORT_PATH = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

function text(no: number, name: string): PartialFieldInfo {
  return { no, name, kind: "scalar", T: ScalarType.STRING };
}

function bytes(no: number, name: string): PartialFieldInfo {
  return { no, name, kind: "scalar", T: ScalarType.BYTES };
}

function fixed64(no: number, name: string): PartialFieldInfo {
  return { no, name, kind: "scalar", T: ScalarType.FIXED64, L: LongType.BIGINT };
}

/** An enum, read as its number so that values added later do no harm. */
function enumNumber(no: number, name: string): PartialFieldInfo {
  return { no, name, kind: "scalar", T: ScalarType.INT32 };
}

function message<T extends object>(no: number, name: string, type: () => MessageType<T>): PartialFieldInfo {
  return { no, name, kind: "message", T: type };
}

function repeated<T extends object>(no: number, name: string, type: () => MessageType<T>): PartialFieldInfo {
  return { no, name, kind: "message", T: type, repeat: RepeatType.UNPACKED };
}

const anyValue: MessageType<AnyValue> = new MessageType<AnyValue>("opentelemetry.proto.common.v1.AnyValue", [
  { ...text(1, "string_value"), oneof: "value" },
  { no: 2, name: "bool_value", kind: "scalar", T: ScalarType.BOOL, oneof: "value" },
  { no: 3, name: "int_value", kind: "scalar", T: ScalarType.INT64, L: LongType.BIGINT, oneof: "value" },
  { no: 4, name: "double_value", kind: "scalar", T: ScalarType.DOUBLE, oneof: "value" },
  { ...message(5, "array_value", () => arrayValue), oneof: "value" },
  { ...message(6, "kvlist_value", () => attributeList), oneof: "value" },
  { ...bytes(7, "bytes_value"), oneof: "value" },
] as PartialFieldInfo[]);

const arrayValue: MessageType<{ values: AnyValue[] }> = new MessageType("opentelemetry.proto.common.v1.ArrayValue", [
  repeated(1, "values", () => anyValue),
]);

const attribute: MessageType<Attribute> = new MessageType("opentelemetry.proto.common.v1.KeyValue", [
  text(1, "key"),
  message(2, "value", () => anyValue),
]);

const attributeList: MessageType<{ values: Attribute[] }> = new MessageType(
  "opentelemetry.proto.common.v1.KeyValueList",
  [repeated(1, "values", () => attribute)],
);

const event = new MessageType<OtlpEvent>("opentelemetry.proto.trace.v1.Span.Event", [
  fixed64(1, "time_unix_nano"),
  text(2, "name"),
  repeated(3, "attributes", () => attribute),
]);

const link = new MessageType<OtlpLink>("opentelemetry.proto.trace.v1.Span.Link", [
  bytes(1, "trace_id"),
  bytes(2, "span_id"),
]);

const status = new MessageType<{ message: string; code: number }>("opentelemetry.proto.trace.v1.Status", [
  text(2, "message"),
  enumNumber(3, "code"),
]);

const span = new MessageType<OtlpSpan>("opentelemetry.proto.trace.v1.Span", [
  bytes(1, "trace_id"),
  bytes(2, "span_id"),
  text(3, "trace_state"),
  bytes(4, "parent_span_id"),
  text(5, "name"),
  enumNumber(6, "kind"),
  fixed64(7, "start_time_unix_nano"),
  fixed64(8, "end_time_unix_nano"),
  repeated(9, "attributes", () => attribute),
  repeated(11, "events", () => event),
  repeated(13, "links", () => link),
  message(15, "status", () => status),
]);

const scope = new MessageType<{ name: string; version: string }>("opentelemetry.proto.common.v1.InstrumentationScope", [
  text(1, "name"),
  text(2, "version"),
]);

const scopeSpans = new MessageType<ScopeSpans>("opentelemetry.proto.trace.v1.ScopeSpans", [
  message(1, "scope", () => scope),
  repeated(2, "spans", () => span),
]);

const resource = new MessageType<{ attributes: Attribute[] }>("opentelemetry.proto.resource.v1.Resource", [
  repeated(1, "attributes", () => attribute),
]);

const resourceSpans = new MessageType<ResourceSpans>("opentelemetry.proto.trace.v1.ResourceSpans", [
  message(1, "resource", () => resource),
  repeated(2, "scope_spans", () => scopeSpans),
]);

/** Codec of {@link ExportRequest}. */
export const exportRequest = new MessageType<ExportRequest>(
  "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest",
  [repeated(1, "resource_spans", () => resourceSpans)],
);
