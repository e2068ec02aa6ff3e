import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Credentials } from "./authenticate";
import type { S3Limits } from "./context";
import { handleRequest } from "./handle-request";
import { ObjectStorage } from "./object-storage";

/** How to run the server. */
export interface S3ServerOptions {
  /** TCP port; 0 picks a free one. */
  readonly port: number;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Folder that holds everything; created when missing. Only one server may use it. */
  readonly dataDirectory: string;
  /** Keys that may use the server. */
  readonly credentials: readonly Credentials[];
  /** Region that signatures must name; any by default. */
  readonly region?: string;
  readonly limits?: Partial<S3Limits>;
  /** Time in epoch milliseconds that signatures are checked against; the clock by default. */
  readonly now?: () => number;
  /** Receives unexpected errors, which the client sees as InternalError or InsufficientStorage. */
  readonly onError?: (cause: unknown) => void;
}

/** A running server. */
export interface S3Server {
  /** Endpoint without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets requests finish for up to five seconds, and closes. */
  close(): Promise<void>;
}

const defaultLimits: S3Limits = {
  maxObjectBytes: 5 * 1024 ** 3,
  minPartBytes: 5 * 1024 ** 2,
  maxXmlBytes: 2 * 1024 ** 2,
};
const idleTimeoutMs = 60_000;
const closeTimeoutMs = 5_000;

/** Starts an S3 server for one machine. It speaks path style, and verifies every signature. */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const storage = await ObjectStorage.open(options.dataDirectory);
  const handling = {
    storage,
    limits: { ...defaultLimits, ...options.limits },
    rules: { credentials: options.credentials, region: options.region, now: options.now ?? Date.now },
    onError: options.onError ?? (() => undefined),
  };
  const underWay = new Set<Promise<void>>();
  const server = createServer(
    // The whole request may take as long as it needs, as long as bytes keep coming (the idle timeout below).
    { headersTimeout: 20_000, requestTimeout: 0, keepAliveTimeout: 30_000, noDelay: true },
  );
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const handled = handleRequest(request, response, handling).finally(() => underWay.delete(handled));
    underWay.add(handled);
  };
  server.on("request", onRequest);
  // With "Expect: 100-continue" the head is checked first; the body is asked for when it is about to be read.
  server.on("checkContinue", onRequest);
  server.on("clientError", (_error, socket) => {
    if (socket.writable) {
      socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    }
  });
  server.setTimeout(idleTimeoutMs);

  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, host, () => {
      server.off("error", reject);
      resolve();
    });
  }).catch(async (cause: unknown) => {
    await storage.close();
    throw cause;
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), closeTimeoutMs);
      await closed;
      clearTimeout(timer);
      await Promise.all(underWay);
      await storage.close();
    },
  };
}
