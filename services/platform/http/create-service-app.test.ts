import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import Router from "koa-router";
import { describe, expect, it, onTestFinished } from "vitest";
import { ClientService } from "../../../gen/twirp/mcsv/v1/client";
import { trustingAuthenticator } from "../auth/testing/trusting-authenticator";
import { loadContract } from "../contract/load-contract";
import { createHealth } from "../health/health";
import { createLifecycle } from "../lifecycle/lifecycle";
import { closeLogger, createLogger } from "../logging/create-logger";
import { createServiceApp } from "./create-service-app";
import { listen } from "./listen";
import { currentRequestId } from "./request-context";

// Read once: it takes longer than everything else here.
const CONTRACT = loadContract(ClientService);

/** A service without RPCs on a port of its own, and the records it has logged when it is over. */
async function serve(addRoutes: (routes: Router) => void = () => undefined) {
  const stream = new PassThrough();
  const logger = createLogger({ service: "sample", level: "info", format: "json", stream });
  const { lifecycle, stop } = createLifecycle("sample");
  const health = createHealth(lifecycle);
  const routes = new Router();
  routes.get("/log", (ctx) => {
    logger.info("handling");
    ctx.body = { requestId: currentRequestId() };
  });
  addRoutes(routes);
  const app = createServiceApp({
    contract: CONTRACT,
    authenticator: trustingAuthenticator(),
    logger,
    health,
    twirp: { services: [], logger },
    routes,
  });
  const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle });
  lifecycle.markReady();
  let isStopped = false;
  const finish = async () => {
    if (!isStopped) {
      isStopped = true;
      await stop("the test is over", 100);
      await closeLogger(logger);
      stream.end();
    }
  };
  onTestFinished(finish);
  const records = async () => {
    await finish();
    const lines = (await text(stream)).trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  return { url: `http://127.0.0.1:${port}`, records };
}

describe("a service's app", () => {
  it("serves /healthz, /readyz and /metrics", async () => {
    const { url } = await serve();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const metrics = await fetch(`${url}/metrics`);
    expect([metrics.status, metrics.headers.get("content-type")]).toEqual([200, expect.stringContaining("text/plain")]);
  });

  it.each(["/", "/nothing", "/twirpy", "/healthz/more"])("answers %s with a small JSON 404", async (path) => {
    const { url } = await serve();
    const response = await fetch(`${url}${path}?a=b`);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(await response.json()).toEqual({ code: "not_found", message: `there is nothing at GET ${path}` });
  });

  it("leaves paths below /twirp to the Twirp host", async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/twirp/mcsv.v1.NoService/None`, { method: "POST" });
    expect([response.status, await response.json()]).toMatchObject([404, { code: "bad_route" }]);
  });

  it("answers a method that a route does not have with a JSON 405", async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/log`, { method: "DELETE" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "HEAD, GET"]);
    expect(await response.json()).toMatchObject({ code: "method_not_allowed" });
  });

  it("answers an unforeseen error with a JSON 500 that tells nothing, and logs it", async () => {
    const { url, records } = await serve((routes) => {
      routes.get("/fail", () => {
        throw new Error("the secret is sesame");
      });
    });
    const response = await fetch(`${url}/fail`);
    expect([response.status, await response.json()]).toEqual([500, { code: "internal", message: "internal error" }]);
    const requestId = response.headers.get("x-request-id");
    expect(await records()).toContainEqual(
      expect.objectContaining({
        level: "error",
        message: "GET /fail failed",
        request_id: requestId,
        error: expect.objectContaining({ message: "the secret is sesame" }),
      }),
    );
  });

  it.each([undefined, null, "text", 42, { status: 200 }])("survives a route that throws %j", async (thrown) => {
    const { url } = await serve((routes) => {
      routes.get("/throw", () => {
        throw thrown;
      });
    });
    expect((await fetch(`${url}/throw`)).status).toBe(500);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("tells what a route means to tell", async () => {
    const { url } = await serve((routes) => {
      routes.get("/bad", (ctx) => ctx.throw(400, "last_event_id must be a number"));
    });
    const response = await fetch(`${url}/bad`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ code: "bad_request", message: "last_event_id must be a number" });
  });

  it("survives a route whose answer breaks off", async () => {
    const { url } = await serve((routes) => {
      routes.get("/break", (ctx) => {
        const body = new PassThrough();
        ctx.body = body;
        body.write("half");
        setImmediate(() => body.destroy(new Error("source is gone")));
      });
    });
    await expect(fetch(`${url}/break`).then((response) => response.text())).rejects.toThrow();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe("the request id", () => {
  it("is made when there is none, answered, known to the handler and in its log lines", async () => {
    const { url, records } = await serve();
    const response = await fetch(`${url}/log`);
    const requestId = response.headers.get("x-request-id");
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({ requestId });
    expect(await records()).toContainEqual(expect.objectContaining({ message: "handling", request_id: requestId }));
  });

  it("is the caller's where it brings one", async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/log`, { headers: { "x-request-id": "req:42/a.b_c" } });
    expect(response.headers.get("x-request-id")).toBe("req:42/a.b_c");
    expect(await response.json()).toEqual({ requestId: "req:42/a.b_c" });
  });

  it.each(["x".repeat(129), 'quote"', "two words", "\u00e9"])(
    "is not the caller's where that is unfit: %j",
    async (given) => {
      const { url } = await serve();
      const response = await fetch(`${url}/log`, { headers: { "x-request-id": given } });
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});
