import { createHealth } from "../../platform/health/health";
import { createHttpApp } from "../../platform/http/create-http-app";
import { listen } from "../../platform/http/listen";
import { createLifecycle } from "../../platform/lifecycle/lifecycle";
import { createLogger } from "../../platform/logging/create-logger";
import { EventLog } from "../event-log";
import { createRoutes } from "../routes";

/** What is no RPC of the client service, on a port of its own. */
export interface StartedRoutes {
  readonly origin: string;
  readonly events: EventLog;
  stop(): Promise<void>;
}

/** Starts the page, the events and the alerts of the client service. */
export async function startRoutes(options: {
  readonly capacity: number;
  readonly alertsToken: string | undefined;
}): Promise<StartedRoutes> {
  const owned = createLifecycle("client");
  const { lifecycle } = owned;
  const logger = createLogger({ service: "client", level: "error", format: "json" });
  const events = new EventLog(options.capacity);
  const routes = createRoutes({
    events,
    processId: "life",
    maxListeners: 5,
    stopping: lifecycle.stopping,
    alertsToken: options.alertsToken,
  });
  const app = createHttpApp({ name: "client", logger, health: createHealth(lifecycle), routes });
  const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle });
  return {
    origin: `http://127.0.0.1:${port}`,
    events,
    stop: async () => {
      await owned.stop("test", 1_000);
    },
  };
}
