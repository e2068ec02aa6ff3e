import type { Attributes, Meter } from "@opentelemetry/api";
import {
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  MeterProvider,
  MetricReader,
} from "@opentelemetry/sdk-metrics";

/** One series of a metric. */
export interface RecordedPoint {
  readonly attributes: Attributes;
  /** A number, or for a histogram how often and how much in all. */
  readonly value: number | { readonly count: number; readonly sum: number };
}

/** A meter of its own, and what was recorded with it. */
export interface MetricRecord {
  readonly meter: Meter;
  /** The series of a metric so far; none when nothing was recorded. */
  points(name: string): Promise<RecordedPoint[]>;
}

/** Makes a meter whose metrics can be read back. */
export function recordMetrics(): MetricRecord {
  const reader = new ManualReader();
  const provider = new MeterProvider({ readers: [reader] });
  return {
    meter: provider.getMeter("test"),
    async points(name) {
      const { resourceMetrics } = await reader.collect();
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      return metrics
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap(({ dataPoints }): DataPoint<number | Histogram | ExponentialHistogram>[] => [...dataPoints])
        .map(({ attributes, value }) => ({
          attributes,
          value: typeof value === "number" ? value : { count: value.count, sum: value.sum ?? 0 },
        }));
    },
  };
}

class ManualReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}
