import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { type SpanContext, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import Koa from "koa";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { type MetricRecord, recordMetrics } from "../../../tests/support/record-metrics";
import { recordSpans } from "../../../tests/support/record-spans";
import { jsonErrors } from "./json-errors";
import { noteRoute } from "./request-context";
import { requestId } from "./request-id";
import { traceRequests } from "./trace-requests";

const DURATION = "http.server.request.duration";
const ROUTE = "/twirp/sample.v1.Sample/Call";

const recorded = recordSpans();
let measured: MetricRecord;

beforeEach(() => {
  recorded.spans.length = 0;
  measured = recordMetrics();
});
afterAll(() => recorded.stop());

/** A server of some answers, traced. */
async function serve(handle: Koa.Middleware): Promise<{ port: number; url: string }> {
  const app = new Koa();
  app.on("error", () => undefined);
  app.use(requestId());
  app.use(traceRequests({ tracer: trace.getTracer("test"), meter: measured.meter }));
  app.use(handle);
  const server = createServer(app.callback()).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}` };
}

/** The only span so far, once there is one. */
async function onlySpan() {
  await expect.poll(() => recorded.spans.length).toBe(1);
  const [span] = recorded.spans;
  if (span === undefined) throw new Error("there is no span");
  return span;
}

describe("the span of a request", () => {
  it("tells what failed it, as the log does", async () => {
    const answerErrors = jsonErrors(recordLog().logger);
    const { url } = await serve((ctx) =>
      answerErrors(ctx, () => Promise.reject(new RangeError("at postgres://mcsv:hidden@db/x"))),
    );
    expect((await fetch(url)).status).toBe(500);
    const span = await onlySpan();
    expect(span.attributes["error.type"]).toBe("500");
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.events.map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ "exception.type": "RangeError", "exception.message": "at postgres://mcsv:****@db/x" }),
    ]);
  });

  it("belongs to the trace that the caller names, and what is done for the request to the span", async () => {
    const { url } = await serve((ctx) => {
      ctx.body = trace.getActiveSpan()?.spanContext();
    });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const active = (await (await fetch(url, { headers: { traceparent } })).json()) as SpanContext;
    const span = await onlySpan();
    expect(span.spanContext()).toMatchObject({ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: active.spanId });
    expect(span.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
    expect(span.kind).toBe(SpanKind.SERVER);
  });

  it("says who asked whom for what, without the query string", async () => {
    const { url, port } = await serve((ctx) => {
      ctx.body = "yes";
    });
    await fetch(`${url}/files/a?token=secret`, { headers: { "user-agent": "tester/1" } });
    const { name, attributes } = await onlySpan();
    expect(name).toBe("GET");
    expect(attributes).toEqual({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "url.scheme": "http",
      "url.path": "/files/a",
      "url.query": "REDACTED",
      "server.address": "127.0.0.1",
      "server.port": port,
      "client.address": "127.0.0.1",
      "network.protocol.version": "1.1",
      "user_agent.original": "tester/1",
    });
  });

  it.each([
    ["[::1]:8081", { "server.address": "[::1]", "server.port": 8081 }],
    ["example.com", { "server.address": "example.com" }],
    ["a:b:c", {}],
    ["example.com:999999", {}],
  ])("takes the server's name from the Host header where that is one: %s", async (host, expected) => {
    const { port } = await serve((ctx) => {
      ctx.body = "yes";
    });
    const asked = httpRequest({ host: "127.0.0.1", port, headers: { host } }).end();
    const [answer] = await once(asked, "response");
    answer.resume();
    const { attributes } = await onlySpan();
    expect(Object.fromEntries(Object.entries(attributes).filter(([key]) => key.startsWith("server.")))).toEqual(
      expected,
    );
  });

  it("is an error when the server was at fault, and not when the caller was", async () => {
    const { url } = await serve((ctx) => {
      ctx.status = ctx.path === "/broken" ? 503 : 404;
    });
    await fetch(`${url}/nothing`);
    await fetch(`${url}/broken`);
    await expect.poll(() => recorded.spans.length).toBe(2);
    expect(recorded.spans.map(({ status, attributes }) => [status.code, attributes["error.type"]])).toEqual([
      [SpanStatusCode.UNSET, undefined],
      [SpanStatusCode.ERROR, "503"],
    ]);
  });

  it("leaves the error of an RPC to the RPC", async () => {
    const { url } = await serve((ctx) => {
      noteRoute(ROUTE);
      trace.getActiveSpan()?.setAttribute("error.type", "unavailable");
      ctx.status = 503;
    });
    await fetch(url);
    expect((await onlySpan()).attributes).toMatchObject({ "http.route": ROUTE, "error.type": "unavailable" });
  });

  it.each(["/healthz", "/readyz", "/metrics", "/metrics?name=x"])("is not made for %s", async (path) => {
    const { url } = await serve((ctx) => {
      ctx.body = String(trace.getTracer("test").startSpan("inside").isRecording());
    });
    expect(await (await fetch(url + path)).text()).toBe("false");
    expect(await measured.points(DURATION)).toEqual([]);
    await fetch(url);
    expect((await onlySpan()).attributes["url.path"]).toBe("/");
  });
});

describe("the duration of requests", () => {
  it("is counted by method, status and route", async () => {
    const { url } = await serve((ctx) => {
      noteRoute(ROUTE);
      ctx.body = "yes";
    });
    await fetch(`${url}/whatever`);
    await fetch(`${url}/whatever`);
    const labels = {
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "http.route": ROUTE,
      "network.protocol.version": "1.1",
      "url.scheme": "http",
    };
    await expect
      .poll(() => measured.points(DURATION))
      .toEqual([{ attributes: labels, value: { count: 2, sum: expect.any(Number) } }]);
  });

  it("has no label that a caller can make up", async () => {
    const { port } = await serve((ctx) => {
      ctx.status = 404;
    });
    for (const method of ["PROPFIND", "LOCK", "REPORT"]) {
      const asked = httpRequest({ host: "127.0.0.1", port, method, path: `/${method}`, agent: false }).end();
      const [answer] = await once(asked, "response");
      answer.resume();
    }
    await expect.poll(async () => (await measured.points(DURATION))[0]?.value).toMatchObject({ count: 3 });
    expect((await measured.points(DURATION)).map(({ attributes }) => attributes["http.request.method"])).toEqual([
      "_OTHER",
    ]);
  });

  it("tells of callers who went away before they were answered", async () => {
    const { promise: isHandled, resolve: handled } = Promise.withResolvers<void>();
    const { port } = await serve(async (ctx) => {
      handled();
      await once(ctx.res, "close");
    });
    const socket = connect(port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await isHandled;
    socket.destroy();
    const span = await onlySpan();
    expect(span.attributes).toMatchObject({ "error.type": "unanswered" });
    expect(span.attributes).not.toHaveProperty("http.response.status_code");
    const [point] = await measured.points(DURATION);
    expect(point?.attributes).toMatchObject({ "error.type": "unanswered" });
    expect(point?.attributes).not.toHaveProperty("http.response.status_code");
  });
});
