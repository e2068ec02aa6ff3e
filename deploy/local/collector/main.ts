import { runProcess } from "../../../services/platform/lifecycle/run-process";
import { createLogger } from "../../../services/platform/logging/create-logger";
import { collectorConfig } from "./config";
import { startCollector } from "./start-collector";

runProcess(collectorConfig, async ({ config, lifecycle }) => {
  const logger = createLogger({ service: "collector", level: config.logLevel, format: config.logFormat });
  lifecycle.useLogger(logger);
  const collector = await startCollector(config);
  lifecycle.onStop("collector", () => collector.close());
  logger.info("collecting traces", {
    otlp: `http://${config.host}:${collector.grpcPort}`,
    jaeger: `http://${config.host}:${collector.httpPort}`,
  });
});
