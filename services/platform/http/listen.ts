import { createServer, type Server } from "node:http";
import type Koa from "koa";
import type { Lifecycle } from "../lifecycle/lifecycle";
import { StartError } from "../lifecycle/start-error";
import type { Logger } from "../logging/create-logger";
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

/**
 * Serves an application over HTTP/1.1, and registers its drain with the lifecycle: accept no more connections, answer what was
 * asked with `Connection: close`, close what is idle, and cut off the rest at the deadline.
 *
 * @throws StartError when the port cannot be listened on
 */
export async function listen(app: Koa, options: ListenOptions): Promise<{ port: number }> {
  const { host, logger, lifecycle } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const server = createServer(
    {
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      keepAliveTimeout: timeouts.keepAliveMs,
      // How often Node looks for connections over the first two limits; its default of 30 s would make them 40 s and 90 s.
      connectionsCheckingInterval: Math.max(50, Math.min(1_000, timeouts.headersMs / 4)),
      noDelay: true,
    },
    app.callback(),
  );
  const connections = trackConnections(server, { stalledWriteMs: timeouts.stalledWriteMs });
  const port = await startListening(server, host, options.port);
  server.on("error", (error) => logger.error("the HTTP server failed", { error }));
  lifecycle.onStop("http", (deadline) => connections.drain(deadline, logger));
  logger.info(`listening on http://${host.includes(":") ? `[${host}]` : host}:${port}`);
  return { port };
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
