import { defineConfig } from "../../../services/platform/config/define-config";
import { serviceVariables } from "../../../services/platform/config/service-variables";
import { integer, port } from "../../../services/platform/config/variables";

const { host, logLevel, logFormat } = serviceVariables(16_686);

/** Settings of the collector's process. */
export const collectorConfig = defineConfig("collector", {
  host,
  logLevel,
  logFormat,
  grpcPort: port({ env: "OTLP_GRPC_PORT", description: "Port that takes traces by OTLP/gRPC.", default: 4317 }),
  httpPort: port({
    env: "JAEGER_HTTP_PORT",
    description: "Port of Jaeger's query API and of the pages.",
    default: 16_686,
  }),
  maxTraces: integer({
    env: "MAX_TRACES",
    description: "Most traces kept; beyond it the oldest are dropped.",
    default: 5_000,
    min: 1,
    max: 1_000_000,
  }),
});
