import type { MetricData, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { DataPointType } from "@opentelemetry/sdk-metrics";

/** Names of units (UCUM) as Prometheus writes them out at the end of a metric's name. */
const UNIT_NAMES: Readonly<Record<string, string>> = {
  s: "seconds",
  ms: "milliseconds",
  By: "bytes",
};

/**
 * Adds each metric's unit to its name, as the OpenTelemetry specification has it for Prometheus ("Prometheus and OpenMetrics
 * Compatibility", section "Metric Metadata"): `rpc.server.call.duration` in s becomes `rpc.server.call.duration.seconds`, a gauge of
 * unit 1 gets `ratio`, and units in braces, which only count things, add nothing. The exporter does the rest.
 */
export function nameForPrometheus(metrics: ResourceMetrics): ResourceMetrics {
  return {
    ...metrics,
    scopeMetrics: metrics.scopeMetrics.map((scope) => ({ ...scope, metrics: scope.metrics.map(withUnit) })),
  };
}

function withUnit<M extends MetricData>(metric: M): M {
  const { name, unit } = metric.descriptor;
  const suffix = unit === "1" && metric.dataPointType === DataPointType.GAUGE ? "ratio" : UNIT_NAMES[unit];
  const isNamed = suffix === undefined || name.endsWith(suffix);
  return isNamed ? metric : { ...metric, descriptor: { ...metric.descriptor, name: `${name}.${suffix}` } };
}
