/**
 * Telemetry bootstrap: `node --require .../register.js main.js`. It must be loaded before everything else, because
 * the instrumentations replace functions of modules as these are loaded.
 *
 * Configured by the standard `OTEL_*` variables alone.
 */
import { setSourceMapsSupport } from "node:module";
import { startTelemetry } from "./start-telemetry";
import { publishTelemetry } from "./telemetry-handle";

// Stack traces name lines of our sources. `--enable-source-maps` would also read and keep the maps of all dependencies,
// 9 MB of them.
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });

const handle = startTelemetry(process.env);
if (handle !== undefined) {
  publishTelemetry(handle);
}
