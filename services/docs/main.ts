import { printableConfig } from "../platform/config/define-config";
import { createHealth } from "../platform/health/health";
import { createHttpApp } from "../platform/http/create-http-app";
import { listen } from "../platform/http/listen";
import { runProcess } from "../platform/lifecycle/run-process";
import { createLogger } from "../platform/logging/create-logger";
import { docsConfig } from "./config";
import { redocRoutes } from "./redoc-routes";
import { SpecLibrary } from "./spec-library";
import { swaggerUiRoutes } from "./swagger-ui-routes";

runProcess(docsConfig, async ({ config, lifecycle }) => {
  const logger = createLogger({
    service: "docs",
    level: config.logLevel,
    format: config.logFormat,
    sampleRatio: config.logSampleRatio,
  });
  lifecycle.useLogger(logger);
  logger.info("starting", { config: printableConfig(docsConfig, config) });

  const library = new SpecLibrary({
    serviceUrls: {
      user: config.userServiceUrl,
      job: config.jobServiceUrl,
      email: config.emailServiceUrl,
      image: config.imageServiceUrl,
      client: config.clientServiceUrl,
    },
    stopping: lifecycle.stopping,
    logger,
  });
  // No dependency: what a service that is down promises is shown all the same.
  const health = createHealth(lifecycle);
  const swaggerUi = createHttpApp({ name: "Swagger UI", logger, health, routes: swaggerUiRoutes(library) });
  const redoc = createHttpApp({ name: "Redoc", logger, health, routes: redocRoutes(library) });
  await listen(swaggerUi, { host: config.host, port: config.port, logger, lifecycle });
  await listen(redoc, { host: config.host, port: config.redocPort, logger, lifecycle });
});
