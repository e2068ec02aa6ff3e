import { type Meter, metrics, type Tracer, trace } from "@opentelemetry/api";

/** What work is traced and measured with. */
export interface Telemetry {
  readonly tracer: Tracer;
  readonly meter: Meter;
}

/** The process's own; where none was started, one that does nothing. */
export function processTelemetry(): Telemetry {
  return { tracer: trace.getTracer("mcsv"), meter: metrics.getMeter("mcsv") };
}
