import { metrics } from "@opentelemetry/api";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { ATTR_SERVICE_VERSION } from "@opentelemetry/semantic-conventions";
import { readVariables } from "../config/define-config";
import { standardVariables } from "../config/standard-variables";
import { readBuildInfo } from "./build-info";
import { createInstrumentations } from "./instrumentations";
import { catchProblems, ProblemReports } from "./problem-reports";
import { observeProcess } from "./process-metrics";
import { nameForPrometheus } from "./prometheus-names";
import { createSpanProcessors } from "./span-processors";
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
 * @param env the process's environment; a default that differs from the SDK's is written into it, because the SDK
 *   reads it there
 * @returns undefined when `OTEL_SDK_DISABLED` is true, and when a variable is wrong: the service says so and does not start
 */
export function startTelemetry(env: NodeJS.ProcessEnv): TelemetryHandle | undefined {
  const { config, problems } = readVariables(standardVariables, env);
  if (problems.length > 0 || config.disabled) {
    return undefined;
  }
  env["OTEL_LOGS_EXPORTER"] ||= "none";

  const build = readBuildInfo();
  // What tells processes apart. The rest (command line, owner, CPU model) would be sent with every batch and read by nobody.
  const resource = defaultResource()
    .merge(detectResources({ detectors: [envDetector, serviceInstanceIdDetector] }))
    .merge(resourceFromAttributes({ [ATTR_SERVICE_VERSION]: build.version }));
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer();
  // Before the rest, which measures itself with it.
  const meterProvider = new MeterProvider({ resource, views: VIEWS, readers: [exporter] });
  metrics.setGlobalMeterProvider(meterProvider);
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource,
    instrumentations: createInstrumentations(),
    metricReaders: [],
    spanProcessors: createSpanProcessors(config, meterProvider),
  });
  const reports = new ProblemReports();
  catchProblems(reports);
  sdk.start();
  observeProcess(metrics.getMeter("mcsv"), build);

  let stopped: Promise<void> | undefined;
  return {
    async metrics() {
      const { resourceMetrics } = await exporter.collect();
      return serializer.serialize(nameForPrometheus(resourceMetrics));
    },
    onProblem: (listener) => reports.listen(listener),
    shutdown() {
      stopped ??= Promise.all([sdk.shutdown(), meterProvider.shutdown()]).then(() => undefined);
      return stopped;
    },
  };
}
