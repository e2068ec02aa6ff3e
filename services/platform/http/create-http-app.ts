import Koa, { type Middleware } from "koa";
import type Router from "koa-router";
import type { Health } from "../health/health";
import type { Logger } from "../logging/create-logger";
import { metricsMiddleware } from "../telemetry/metrics-handler";
import { jsonErrors } from "./json-errors";
import { requestId } from "./request-id";
import { traceRequests } from "./trace-requests";

/** What an application is made of. */
export interface HttpAppOptions {
  /** Name in the log. */
  readonly name: string;
  readonly logger: Logger;
  readonly health: Health;
  /** Sees requests before anything but the request id and the span; answers its errors itself. */
  readonly first?: readonly Middleware[];
  /** Sees what the endpoints for operators have left, before the routes. */
  readonly middleware?: readonly Middleware[];
  readonly routes?: Router | undefined;
}

/**
 * A Koa application with what every process serves: an id and a span for every request, `/healthz`, `/readyz`, `/metrics`, a JSON 404 for
 * what is not there and a JSON 500 for an unforeseen error.
 */
export function createHttpApp({ name, logger, health, first = [], middleware = [], routes }: HttpAppOptions): Koa {
  const app = new Koa();
  // What comes here came too late for an answer: mostly a caller that went away.
  app.on("error", (error: unknown) => logger.debug(`${name}: a connection broke`, { error }));
  const operators = [jsonErrors(logger), health.middleware(), metricsMiddleware()];
  for (const each of [requestId(), traceRequests(), ...first, ...operators, ...middleware]) {
    app.use(each);
  }
  if (routes !== undefined) {
    app.use(routes.routes());
    app.use(routes.allowedMethods());
  }
  return app;
}
