/**
 * Telemetry bootstrap: `node --require .../register.js main.js`. It must be loaded before everything else, because
 * the instrumentations replace functions of modules as these are loaded.
 *
 * Configured by the standard `OTEL_*` variables alone.
 */
import { startTelemetry } from "./start-telemetry";
import { publishTelemetry } from "./telemetry-handle";

const handle = startTelemetry(process.env);
if (handle !== undefined) {
  publishTelemetry(handle);
}
