import { metrics } from "@opentelemetry/api";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { ATTR_SERVICE_VERSION } from "@opentelemetry/semantic-conventions";
import { readBuildInfo } from "./build-info";
import { createInstrumentations } from "./instrumentations";
import { observeProcess } from "./process-metrics";
import { nameForPrometheus } from "./prometheus-names";
import type { TelemetryHandle } from "./telemetry-handle";

/** In Prometheus a name that ends with `_count` is part of a histogram, which this is not: `promtool` complains. */
const VIEWS = [{ instrumentName: "db.client.connection.count", name: "db.client.connections" }];

/**
 * Starts traces and metrics for this process.
 *
 * Traces go out by OTLP; protocol, endpoint, headers, sampler and batching come from the standard variables
 * (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_SAMPLER`, ...). Metrics are kept for a scraper to fetch, whatever
 * `OTEL_METRICS_EXPORTER` says, and logs are written to stdout: `OTEL_LOGS_EXPORTER` defaults to none.
 *
 * @param env the process's environment; defaults that differ from the SDK's are written into it, because the SDK
 *   reads them there
 * @returns undefined when `OTEL_SDK_DISABLED` is true
 */
export function startTelemetry(env: NodeJS.ProcessEnv): TelemetryHandle | undefined {
  if (env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() === "true") {
    return undefined;
  }
  env["OTEL_EXPORTER_OTLP_PROTOCOL"] ||= "grpc";
  env["OTEL_LOGS_EXPORTER"] ||= "none";
  // What tells processes apart. The rest (command line, owner, CPU model) is sent with every batch and read by nobody.
  env["OTEL_NODE_RESOURCE_DETECTORS"] ||= "env,serviceinstance";

  const build = readBuildInfo();
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer();
  const sdk = new NodeSDK({
    instrumentations: createInstrumentations(),
    metricReaders: [exporter],
    views: VIEWS,
    resource: resourceFromAttributes({ [ATTR_SERVICE_VERSION]: build.version }),
  });
  sdk.start();
  observeProcess(metrics.getMeter("mcsv"), build);

  let stopped: Promise<void> | undefined;
  return {
    async metrics() {
      const { resourceMetrics } = await exporter.collect();
      return serializer.serialize(nameForPrometheus(resourceMetrics));
    },
    shutdown() {
      stopped ??= sdk.shutdown();
      return stopped;
    },
  };
}
