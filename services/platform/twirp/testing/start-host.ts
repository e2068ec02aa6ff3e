import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import Koa from "koa";
import { createUserServiceServer, type UserServiceTwirp } from "../../../../gen/twirp/mcsv/v1/user.twirp";
import { requestId } from "../../http/request-id";
import { traceRequests } from "../../http/trace-requests";
import { createLogger } from "../../logging/create-logger";
import type { CallContext } from "../call-context";
import type { HostedService } from "../host/routes";
import { type TwirpHostOptions, twirpHost } from "../host/twirp-host";
import { openGate } from "./open-gate";

/** UserService with only the methods that a test needs. */
export type PartialUserService = Partial<UserServiceTwirp<CallContext>>;

/** A host that listens. */
export interface RunningHost {
  readonly port: number;
  readonly url: string;
  readonly server: Server;
  /** What was logged, as parsed lines; those of the access log are apart. */
  readonly log: Record<string, unknown>[];
  /** A line for each call. */
  readonly accessLog: Record<string, unknown>[];
  close(): Promise<void>;
}

/** How the host of a test differs from the usual one. */
export interface HostSettings extends Omit<Partial<TwirpHostOptions>, "services"> {
  readonly service?: Omit<HostedService, "server">;
  /** Serves paths that are none of Twirp's; without, they are a 404 "not twirp". */
  readonly outside?: Koa.Middleware;
  /** Given the generated server before it is mounted, to add interceptors and hooks. */
  readonly prepare?: (server: ReturnType<typeof createUserServiceServer<CallContext>>) => void;
}

/** Starts a host of UserService on a free port, on Koa and with our request ids and spans, as services have it. */
export async function startHost(implementation: PartialUserService, settings: HostSettings = {}): Promise<RunningHost> {
  const { service, prepare, outside = notTwirp, ...options } = settings;
  const generated = createUserServiceServer<CallContext>(implementation as UserServiceTwirp<CallContext>);
  prepare?.(generated);
  const log: Record<string, unknown>[] = [];
  const accessLog: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().trim().split("\n")) {
        const record = JSON.parse(line) as Record<string, unknown>;
        (record["message"] === "call" ? accessLog : log).push(record);
      }
      done();
    },
  });
  const app = new Koa();
  app.on("error", () => undefined);
  app.use(requestId());
  app.use(traceRequests());
  app.use(
    twirpHost({
      logger: createLogger({ service: "test", level: "debug", format: "json", stream }),
      gate: openGate(),
      ...options,
      services: [{ server: generated, ...service }],
    }),
  );
  app.use(outside);
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, server, log, accessLog, close: () => closeServer(server) };
}

const notTwirp: Koa.Middleware = (ctx) => {
  ctx.status = 404;
  ctx.body = "not twirp";
};

/** Closes a server with all its connections. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
