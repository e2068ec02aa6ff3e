import Koa from "koa";
import type Router from "koa-router";
import type { ServiceContract } from "../contract/load-contract";
import type { Health } from "../health/health";
import type { Logger } from "../logging/create-logger";
import { metricsMiddleware } from "../telemetry/metrics-handler";
import { type TwirpHostOptions, twirpHost } from "../twirp/host/twirp-host";
import { jsonErrors } from "./json-errors";
import { requestId } from "./request-id";

/** What a service's HTTP side is made of. */
export interface ServiceAppOptions {
  /** What the service promises. */
  readonly contract: ServiceContract;
  readonly logger: Logger;
  readonly health: Health;
  readonly twirp: TwirpHostOptions;
  /** Routes that are no RPCs. */
  readonly routes?: Router;
}

/**
 * The Koa application of a service: the RPCs below `/twirp`, `/healthz`, `/readyz`, `/metrics` and the service's own routes. Any
 * other path is a JSON 404, and an unforeseen error a JSON 500. Every request has an id.
 */
export function createServiceApp({ contract, logger, health, twirp, routes }: ServiceAppOptions): Koa {
  const app = new Koa();
  // What comes here came too late for an answer: mostly a caller that went away.
  app.on("error", (error: unknown) => logger.debug(`${contract.service}: a connection broke`, { error }));
  app.use(requestId());
  // First, because most requests are calls; no path is both its and another's.
  app.use(twirpHost(twirp));
  app.use(jsonErrors(logger));
  app.use(health.middleware());
  app.use(metricsMiddleware());
  if (routes !== undefined) {
    app.use(routes.routes());
    app.use(routes.allowedMethods());
  }
  return app;
}
