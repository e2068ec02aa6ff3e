import { createServer, type Server } from "node:http";
import Koa from "koa";
import type { Health } from "../health/health";
import type { Lifecycle } from "../lifecycle/lifecycle";
import { StartError } from "../lifecycle/start-error";
import type { Logger } from "../logging/create-logger";
import { requestId } from "./request-id";
import { traceRequests } from "./trace-requests";
import { trackConnections } from "./track-connections";

/** Where and how to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly timeouts?: Partial<ServerTimeouts>;
}

/** How long a connection may take for what. */
export interface ServerTimeouts {
  /** From the first byte of a request to the end of its headers; also for a connection that sends nothing at all. */
  readonly headersMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestMs: number;
  /** Between two requests. Above the idle time of usual load balancers (60 s), so that they close first. */
  readonly keepAliveMs: number;
  /** For a client that does not read what it is sent. */
  readonly stalledWriteMs: number;
}

const DEFAULT_TIMEOUTS: ServerTimeouts = {
  headersMs: 10_000,
  requestMs: 60_000,
  keepAliveMs: 65_000,
  stalledWriteMs: 60_000,
};

/** A port that is open, before and after the service can take requests. */
export interface OpenPort {
  readonly port: number;
  /**
   * Gives requests to an application from now on, and registers the drain with the lifecycle: accept no more connections,
   * answer what was asked with `Connection: close`, close what is idle, and cut off the rest at the deadline. Call it after
   * everything that requests need has registered its own end.
   */
  serve(app: Koa): void;
}

/**
 * Opens a service's port at the start, while its dependencies are still waited for: `/healthz` and `/readyz` answer, the latter
 * naming what is missing; anything else is 503, with the Twirp code `unavailable`, which callers repeat.
 *
 * @throws StartError when the port cannot be listened on
 */
export function openPort(options: ListenOptions & { readonly health: Health }): Promise<OpenPort> {
  return open(options, waitingRoom(options.health, options.lifecycle));
}

/**
 * Serves an application over HTTP/1.1, at once.
 *
 * @throws StartError when the port cannot be listened on
 */
export async function listen(app: Koa, options: ListenOptions): Promise<{ port: number }> {
  const { port, serve } = await open(options, app);
  serve(app);
  return { port };
}

async function open(options: ListenOptions, firstApp: Koa): Promise<OpenPort> {
  const { host, logger, lifecycle } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  let handle = firstApp.callback();
  const server = createServer(
    {
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      keepAliveTimeout: timeouts.keepAliveMs,
      // How often Node looks for connections over the first two limits; its default of 30 s would make them 40 s and 90 s.
      connectionsCheckingInterval: Math.max(50, Math.min(1_000, timeouts.headersMs / 4)),
      noDelay: true,
    },
    (request, response) => void handle(request, response),
  );
  const connections = trackConnections(server, { stalledWriteMs: timeouts.stalledWriteMs });
  const port = await startListening(server, host, options.port);
  server.on("error", (error) => logger.error("the HTTP server failed", { error }));
  lifecycle.onStop("port", (deadline) => connections.drain(deadline, logger));
  logger.info(`listening on http://${host.includes(":") ? `[${host}]` : host}:${port}`);
  return {
    port,
    serve: (app) => {
      handle = app.callback();
      lifecycle.onStop("http", (deadline) => connections.drain(deadline, logger));
    },
  };
}

/** The application of a service that cannot take requests yet. */
function waitingRoom(health: Health, { service }: Lifecycle): Koa {
  const app = new Koa();
  app.use(requestId());
  app.use(traceRequests());
  app.use(health.middleware());
  app.use((ctx) => {
    ctx.status = 503;
    ctx.set("retry-after", "1");
    ctx.body = { code: "unavailable", msg: `${service} is starting` };
  });
  return app;
}

async function startListening(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (error) {
    throw new StartError(`cannot listen on ${host}:${port}: ${listenProblem(error)}`, { cause: error });
  }
  server.off("error", reject);
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function listenProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EADDRINUSE":
      return "the port is in use by another process; stop it or set PORT";
    case "EACCES":
      return "this user may not use the port; set PORT to one above 1023";
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return "HOST is no address of this machine";
    default:
      return message;
  }
}
