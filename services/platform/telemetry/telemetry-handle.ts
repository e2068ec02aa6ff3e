import type { ProblemListener } from "./problem-reports";

/**
 * What the bootstrap started and the rest of the process uses: it scrapes the metrics and ends the SDK.
 *
 * The bootstrap runs before the composition root, so nothing can be handed over as a parameter. As OpenTelemetry's own
 * API does for its providers, it is left on the global object, under a symbol of its own.
 */
export interface TelemetryHandle {
  /** All metrics as Prometheus text, format version 0.0.4. */
  metrics(): Promise<string>;
  /** Tells the listener what goes wrong with telemetry from now on, and what went wrong before. */
  onProblem(listener: ProblemListener): void;
  /** Sends what is buffered and stops. Further calls return the same promise. */
  shutdown(): Promise<void>;
}

const KEY = Symbol.for("mcsv.telemetry");

/** Makes the running telemetry known to this process. Called once, by the bootstrap. */
export function publishTelemetry(handle: TelemetryHandle): void {
  Reflect.set(globalThis, KEY, handle);
}

/** The running telemetry, or undefined when the bootstrap was not loaded, `OTEL_SDK_DISABLED` is true, or a variable is wrong. */
export function currentTelemetry(): TelemetryHandle | undefined {
  return Reflect.get(globalThis, KEY) as TelemetryHandle | undefined;
}
