import Koa from "koa";
import type Router from "koa-router";
import type { Health } from "../health/health";
import type { Logger } from "../logging/create-logger";
import { metricsMiddleware } from "../telemetry/metrics-handler";
import { type TwirpHostOptions, twirpHost } from "../twirp/host/twirp-host";
import { jsonErrors } from "./json-errors";
import { requestId } from "./request-id";

/** What a service's HTTP side is made of. */
export interface ServiceAppOptions {
  readonly service: string;
  readonly logger: Logger;
  readonly health: Health;
  readonly twirp: TwirpHostOptions;
  /** Routes that are no RPCs. */
  readonly routes?: Router;
}

/**
 * The Koa application of a service: request id, errors as JSON, `/healthz`, `/readyz`, `/metrics`, the service's own routes,
 * and the RPCs below `/twirp`. Any other path is a JSON 404.
 */
export function createServiceApp({ service, logger, health, twirp, routes }: ServiceAppOptions): Koa {
  const app = new Koa();
  app.on("error", (error: unknown) => logger.debug(`${service}: a connection broke`, { error }));
  app.use(requestId());
  app.use(jsonErrors(logger));
  app.use(health.middleware());
  app.use(metricsMiddleware());
  if (routes !== undefined) {
    app.use(routes.routes());
    app.use(routes.allowedMethods());
  }
  app.use(twirpHost(twirp));
  return app;
}
