import { makeVariable } from "./variable";
import { durationMs, httpUrl, integer, oneOf, ratio, text } from "./variables";

/** A key and a value, both of any characters but those that part them (W3C Baggage, which OpenTelemetry took over). */
const PAIRS = /^[^\s=,]+=[^,]*(,\s*[^\s=,]+=[^,]*)*$/;

const SAMPLER = /^(parentbased_)?(always_on|always_off|traceidratio)$/;

const COLLECTOR_URL = "an http:// or https:// URL such as http://127.0.0.1:4317";

const PROTOCOLS = ["grpc", "http/protobuf"] as const;

/**
 * OpenTelemetry's variables that every service obeys. Its SDK reads most of them by itself, and goes on with a default where a value
 * is wrong: here they are as strict as the services' own.
 */
export const standardVariables = {
  disabled: makeVariable(
    { env: "OTEL_SDK_DISABLED", description: "true turns tracing and metrics off.", default: false },
    {
      allowed: "true or false",
      parse: (value) => (/^(true|false)$/i.test(value) ? { value: value.toLowerCase() === "true" } : undefined),
    },
  ),
  serviceName: text({
    env: "OTEL_SERVICE_NAME",
    description: "Name of the service in traces.",
    default: "unknown_service:node",
  }),
  resourceAttributes: makeVariable(
    {
      env: "OTEL_RESOURCE_ATTRIBUTES",
      description: "More attributes of the service.",
      optional: true,
    },
    { allowed: "key=value pairs with commas between them", parse: parsePairs },
  ),
  tracesExporter: oneOf({
    env: "OTEL_TRACES_EXPORTER",
    description: "Where spans go: otlp, to a collector; none, nowhere.",
    values: ["otlp", "none"],
    default: "otlp",
  }),
  endpoint: {
    ...httpUrl({
      env: "OTEL_EXPORTER_OTLP_ENDPOINT",
      description: "URL of the collector that spans are sent to; with http/protobuf, /v1/traces is added to it.",
      default: "http://localhost:4317",
      defaultText: "http://localhost:4317 (http/protobuf: 4318)",
    }),
    allowed: COLLECTOR_URL,
  },
  tracesEndpoint: {
    ...httpUrl({
      env: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
      description: "The same for spans alone, and taken as it is.",
      optional: true,
    }),
    allowed: COLLECTOR_URL,
  },
  protocol: oneOf({
    env: "OTEL_EXPORTER_OTLP_PROTOCOL",
    description: "How spans are sent.",
    values: PROTOCOLS,
    default: "grpc",
  }),
  tracesProtocol: oneOf({
    env: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    description: "The same for spans alone.",
    values: PROTOCOLS,
    fallback: "OTEL_EXPORTER_OTLP_PROTOCOL",
  }),
  headers: makeVariable(
    {
      env: "OTEL_EXPORTER_OTLP_HEADERS",
      description: "Headers that the collector asks for, such as a token.",
      optional: true,
    },
    { allowed: "key=value pairs with commas between them", parse: parsePairs, mask: () => "****" },
  ),
  exportTimeoutMs: durationMs({
    env: "OTEL_EXPORTER_OTLP_TIMEOUT",
    description: "How long the collector may take for a batch of spans, repetitions included.",
    min: 1,
    max: 600_000,
    default: 10_000,
  }),
  sampler: makeVariable(
    {
      env: "OTEL_TRACES_SAMPLER",
      description: "Which traces are recorded; with parentbased_ whoever begins a trace decides for all of it.",
      default: "parentbased_always_on",
    },
    {
      allowed: "one of always_on, always_off, traceidratio, alone or behind parentbased_",
      parse: (value) => (SAMPLER.test(value) ? { value } : undefined),
    },
  ),
  samplerArgument: ratio({
    env: "OTEL_TRACES_SAMPLER_ARG",
    description: "Part of the traces that a traceidratio sampler records.",
    default: 1,
  }),
  batchDelayMs: durationMs({
    env: "OTEL_BSP_SCHEDULE_DELAY",
    description: "How long a span waits for others before all are sent.",
    min: 0,
    max: 600_000,
    default: 5_000,
  }),
  batchQueueSize: integer({
    env: "OTEL_BSP_MAX_QUEUE_SIZE",
    description: "Most spans that wait; further ones are dropped, and counted.",
    min: 1,
    max: 1_000_000,
    default: 2_048,
  }),
  batchSize: integer({
    env: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    description: "Most spans that are sent at a time.",
    min: 1,
    max: 100_000,
    default: 512,
  }),
};

function parsePairs(value: string) {
  return PAIRS.test(value) ? { value } : undefined;
}
