import { existsSync } from "node:fs";
import { join } from "node:path";
import { portOffset } from "./endpoints";

/** Port of OTLP/gRPC in the local stack before the offset is added. */
const OTLP_PORT = 4317;

/** Where the CLI's own spans go. */
export type Collector =
  /** Protocol, endpoint and headers are OpenTelemetry's standard variables. */
  | { readonly kind: "environment"; readonly protocol: string | undefined }
  /** OTLP/gRPC. */
  | { readonly kind: "local"; readonly url: string };

/**
 * Finds the collector: the one that OpenTelemetry's standard variables name, else that of the local stack.
 *
 * @returns undefined where none is known: the stack in containers publishes no port for it, and services elsewhere say nothing of theirs
 */
export function resolveCollector(env: NodeJS.ProcessEnv, projectDirectory: string): Collector | undefined {
  if (env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] || env["OTEL_EXPORTER_OTLP_ENDPOINT"]) {
    const protocol = env["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] ?? env["OTEL_EXPORTER_OTLP_PROTOCOL"];
    return { kind: "environment", protocol };
  }
  if (env["USER_SERVICE_URL"] || existsSync(join(projectDirectory, ".local", "docker", "up.json"))) {
    return undefined;
  }
  return { kind: "local", url: `http://127.0.0.1:${OTLP_PORT + portOffset(env, projectDirectory)}` };
}
