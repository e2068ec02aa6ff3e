import { currentTelemetry } from "./telemetry-handle";

/**
 * Sends the spans that are still buffered and stops telemetry. Does nothing where none runs.
 *
 * @throws when the collector does not take them; the process can end all the same
 */
export async function shutdownTelemetry(): Promise<void> {
  await currentTelemetry()?.shutdown();
}
