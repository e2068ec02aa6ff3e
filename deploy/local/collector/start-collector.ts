import { createServer, type Server } from "node:http";
import Koa from "koa";
import type { JaegerTrace } from "./jaeger-model";
import type { ExportRequest } from "./otlp-trace";
import { pages } from "./pages";
import { queryApi } from "./query-api";
import { receiveHttp } from "./receive-http";
import { toStoredSpans } from "./stored-span";
import { startTraceReceiver } from "./trace-receiver";
import { TraceStore } from "./trace-store";

/** What a collector listens on and how much it keeps. */
export interface CollectorOptions {
  /** Port for OTLP/gRPC; 0 for any free one. */
  grpcPort: number;
  /** Port for Jaeger's query API, the pages and OTLP/HTTP; 0 for any free one. */
  httpPort: number;
  /** 127.0.0.1 unless given. */
  host?: string;
  /** Beyond this many traces the oldest are dropped. */
  maxTraces?: number;
  /** Beyond this many spans in all, too. */
  maxSpans?: number;
}

/** A running collector. */
export interface Collector {
  grpcPort: number;
  httpPort: number;
  /** The newest traces, newest first. */
  traces(limit?: number): JaegerTrace[];
  /** One trace by its id of 32 hex digits, or undefined. */
  trace(traceId: string): JaegerTrace | undefined;
  /** Takes what is still being sent, and stops. */
  close(): Promise<void>;
}

const DEFAULT_MAX_TRACES = 5_000;
/** About 120 MB of heap when full. */
const DEFAULT_MAX_SPANS = 50_000;

/**
 * Starts a collector: takes spans by OTLP/gRPC and OTLP/HTTP, keeps the newest in memory, and answers Jaeger's query API, a list of
 * traces at `/` and a waterfall at `/trace/<id>`.
 *
 * @throws when one of the ports is taken
 */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const {
    grpcPort,
    httpPort,
    host = "127.0.0.1",
    maxTraces = DEFAULT_MAX_TRACES,
    maxSpans = DEFAULT_MAX_SPANS,
  } = options;
  const store = new TraceStore({ maxTraces, maxSpans });
  const receive = (request: ExportRequest) => store.add(toStoredSpans(request));
  const receiver = await startTraceReceiver({ host, port: grpcPort }, receive);
  try {
    const server = createServer(createApp(store, receive).callback());
    const boundHttpPort = await listen(server, host, httpPort);
    return {
      grpcPort: receiver.port,
      httpPort: boundHttpPort,
      traces: (limit = maxTraces) => store.recent(limit).flatMap(({ traceId }) => store.get(traceId) ?? []),
      trace: (traceId) => store.get(traceId),
      close: async () => {
        await Promise.all([receiver.close(), closeHttp(server)]);
      },
    };
  } catch (error) {
    await receiver.close();
    throw error;
  }
}

function createApp(store: TraceStore, receive: (request: ExportRequest) => void): Koa {
  const app = new Koa();
  app.use(async (ctx, next) => {
    await next();
    const isJson = typeof ctx.body === "object" && ctx.body !== null;
    if (isJson && new URLSearchParams(ctx.querystring).get("prettyPrint") === "true") {
      ctx.type = "json";
      ctx.body = JSON.stringify(ctx.body, undefined, 4);
    }
  });
  app.use(receiveHttp(receive));
  app.use(pages(store));
  app.use(queryApi(store));
  return app;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function closeHttp(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
