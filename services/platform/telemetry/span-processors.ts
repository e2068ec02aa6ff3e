import type { MeterProvider } from "@opentelemetry/api";
import { OTLPTraceExporter as GrpcTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as HttpTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import type { ConfigDefinition, ConfigOf } from "../config/define-config";
import type { standardVariables } from "../config/standard-variables";

/**
 * What sends this process's spans to the collector, in batches; nothing where `OTEL_TRACES_EXPORTER` is none. Endpoint, headers
 * and timeout are read by the exporters themselves.
 *
 * @param meterProvider counts what was sent, what could not be sent and what waits (`otel.sdk.processor.span.*`). Only the processor
 *   gets it: the tracer would count each span as it begins and ends, which every call would pay for.
 */
export function createSpanProcessors(
  config: ConfigOf<ConfigDefinition<typeof standardVariables>>,
  meterProvider: MeterProvider,
): SpanProcessor[] {
  if (config.tracesExporter === "none") {
    return [];
  }
  return [
    new BatchSpanProcessor({
      exporter: config.tracesProtocol === "grpc" ? new GrpcTraceExporter() : new HttpTraceExporter(),
      selfObsMeterProvider: meterProvider,
      scheduledDelayMillis: config.batchDelayMs,
      maxQueueSize: config.batchQueueSize,
      maxExportBatchSize: config.batchSize,
    }),
  ];
}
