/** A variable that the OpenTelemetry SDK reads by itself; named here for the documentation only. */
export interface StandardVariable {
  readonly env: string;
  readonly description: string;
  readonly defaultText: string;
}

/** OpenTelemetry's variables that every service obeys. */
export const STANDARD_VARIABLES: readonly StandardVariable[] = [
  { env: "OTEL_SDK_DISABLED", description: "true turns tracing and metrics off.", defaultText: "false" },
  { env: "OTEL_SERVICE_NAME", description: "Name of the service in traces.", defaultText: "unknown_service:node" },
  {
    env: "OTEL_RESOURCE_ATTRIBUTES",
    description: "More attributes of the service, as key=value pairs with commas between them.",
    defaultText: "",
  },
  {
    env: "OTEL_EXPORTER_OTLP_ENDPOINT",
    description: "URL of the collector that spans are sent to.",
    defaultText: "http://localhost:4317",
  },
  {
    env: "OTEL_EXPORTER_OTLP_PROTOCOL",
    description: "How spans are sent: grpc or http/protobuf (whose usual port is 4318).",
    defaultText: "grpc",
  },
  {
    env: "OTEL_TRACES_SAMPLER",
    description: "Which traces are recorded, such as parentbased_traceidratio.",
    defaultText: "parentbased_always_on",
  },
  {
    env: "OTEL_TRACES_SAMPLER_ARG",
    description: "Argument of the sampler, such as 0.1 for one trace in ten.",
    defaultText: "",
  },
];
