import type Koa from "koa";
import type Router from "koa-router";
import type { Authenticator } from "../auth/authenticator";
import type { CallLimiter } from "../auth/call-limiter";
import { createCallGate } from "../auth/create-call-gate";
import type { ServiceContract } from "../contract/load-contract";
import type { Health } from "../health/health";
import type { Logger } from "../logging/create-logger";
import type { HostedService } from "../twirp/host/routes";
import { type TwirpHostOptions, twirpHost } from "../twirp/host/twirp-host";
import { allowOrigins } from "./cors";
import { createHttpApp } from "./create-http-app";
import { serveSpec } from "./serve-spec";

/** What a service's HTTP side is made of. */
export interface ServiceAppOptions {
  /** What the service promises. */
  readonly contract: ServiceContract;
  readonly logger: Logger;
  readonly health: Health;
  /** Finds out who calls; the contract says which callers a method admits. */
  readonly authenticator: Authenticator;
  /** How fast callers may call; without it, as fast as they can. */
  readonly limiter?: CallLimiter;
  readonly twirp: Omit<TwirpHostOptions, "gate" | "requests">;
  /** Routes that are no RPCs. */
  readonly routes?: Router;
  /** Base URL at which callers reach the service; by default the one at which its spec is asked for. */
  readonly publicUrl?: string | undefined;
  /** Origins whose pages may call the service from a browser. Default: none. */
  readonly corsOrigins?: readonly string[];
}

/**
 * The Koa application of a service: the RPCs below `/twirp`, its spec at `/openapi.json` and `/openapi.yaml`, `/healthz`,
 * `/readyz`, `/metrics` and the service's own routes. Any other path is a JSON 404, and an unforeseen error a JSON 500. Every
 * request has an id. A message that is not what the contract says does not reach the RPC's implementation.
 */
export function createServiceApp(options: ServiceAppOptions): Koa {
  const { contract, authenticator, limiter, logger, health, twirp, routes, publicUrl, corsOrigins = [] } = options;
  const gate = createCallGate({ operations: contract.operations, authenticator, limiter });
  return createHttpApp({
    name: contract.service,
    logger,
    health,
    // First, because most requests are calls; no path is both its and another's.
    first: [
      ...(corsOrigins.length > 0 ? [allowOrigins(corsOrigins)] : []),
      twirpHost({ ...twirp, services: withBodyLimits(twirp.services, contract), gate, requests: contract.requests }),
    ],
    middleware: [serveSpec({ document: contract.document, publicUrl })],
    routes,
  });
}

/** Methods whose requests carry bytes get room for them, unless they have a limit of their own. */
function withBodyLimits(services: readonly HostedService[], { bodyLimits }: ServiceContract): readonly HostedService[] {
  const limits = [...bodyLimits].map(([name, maxBodyBytes]) => [name, { maxBodyBytes }] as const);
  return services.map((service) => ({
    ...service,
    methods: {
      ...service.methods,
      ...Object.fromEntries(limits.map(([name, limit]) => [name, { ...limit, ...service.methods?.[name] }])),
    },
  }));
}
