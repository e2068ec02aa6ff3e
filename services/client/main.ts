import { randomUUID } from "node:crypto";
import { ClientService as ClientContract } from "../../gen/twirp/mcsv/v1/client";
import { createClientServiceServer } from "../../gen/twirp/mcsv/v1/client.twirp";
import { openAuthenticator } from "../platform/auth/open-authenticator";
import { printableConfig } from "../platform/config/define-config";
import { loadContract } from "../platform/contract/load-contract";
import { createHealth } from "../platform/health/health";
import { createServiceApp } from "../platform/http/create-service-app";
import { listen } from "../platform/http/listen";
import { runProcess } from "../platform/lifecycle/run-process";
import { createLogger } from "../platform/logging/create-logger";
import { ClientService } from "./client-service";
import { clientConfig } from "./config";
import { EventLog } from "./event-log";
import { createRoutes } from "./routes";

runProcess(clientConfig, async ({ config, lifecycle }) => {
  const logger = createLogger({
    service: "client",
    level: config.logLevel,
    format: config.logFormat,
    sampleRatio: config.logSampleRatio,
  });
  lifecycle.useLogger(logger);
  logger.info("starting", { config: printableConfig(clientConfig, config) });

  const authenticator = await openAuthenticator("client", config, logger);

  const events = new EventLog(config.eventsCapacity);
  const app = createServiceApp({
    contract: loadContract(ClientContract),
    authenticator,
    logger,
    health: createHealth(lifecycle),
    publicUrl: config.publicUrl,
    corsOrigins: config.corsOrigins,
    twirp: { services: [{ server: createClientServiceServer(new ClientService(events)) }], logger },
    routes: createRoutes({
      events,
      processId: randomUUID(),
      maxListeners: config.eventsMaxListeners,
      alertsToken: config.alertsToken,
      stopping: lifecycle.stopping,
    }),
  });
  await listen(app, { host: config.host, port: config.port, logger, lifecycle });
});
