import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLifecycle } from "../lifecycle/lifecycle";
import { createHealth, type HealthOptions } from "./health";

/** The health of a process that is ready, and the same over HTTP. */
async function serveHealth(options: HealthOptions = {}) {
  const { lifecycle, stop } = createLifecycle("sample");
  const health = createHealth(lifecycle, options);
  const app = new Koa();
  app.use(health.middleware());
  const server = createServer(app.callback()).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : (JSON.parse(text) as unknown),
    };
  };
  return { lifecycle, stop, health, ask };
}

describe("/readyz", () => {
  it("is 503 while the process starts, 200 when it is ready, 503 when it stops", async () => {
    const { lifecycle, stop, ask } = await serveHealth();
    expect(await ask("/readyz")).toMatchObject({
      status: 503,
      body: { status: "not ready", service: "sample", state: "starting", dependencies: {} },
    });
    lifecycle.markReady();
    expect(await ask("/readyz")).toMatchObject({ status: 200, body: { status: "ready", state: "ready" } });
    await stop("a test", 100);
    expect(await ask("/readyz")).toMatchObject({ status: 503, body: { status: "not ready", state: "stopping" } });
  });

  it("names each dependency and why it is not ready", async () => {
    const { lifecycle, health, ask } = await serveHealth();
    lifecycle.markReady();
    health.register("object store", () => Promise.resolve());
    health.register("postgres", () =>
      Promise.reject(new AggregateError([new Error("connect ECONNREFUSED 127.0.0.1:5432")])),
    );
    health.register("smtp", () => {
      throw new Error("no such host");
    });
    expect(await ask("/readyz")).toMatchObject({
      status: 503,
      body: {
        status: "not ready",
        state: "ready",
        dependencies: {
          "object store": { ready: true },
          postgres: { ready: false, reason: "connect ECONNREFUSED 127.0.0.1:5432" },
          smtp: { ready: false, reason: "no such host" },
        },
      },
    });
  });

  it("gives no secrets away in a reason", async () => {
    const { health } = await serveHealth();
    health.register("postgres", () => Promise.reject(new Error("cannot reach postgres://user:hunter2@host/db")));
    expect(JSON.stringify(await health.readiness())).not.toContain("hunter2");
  });

  it("gives up a check that takes too long, and aborts its signal", async () => {
    const { health } = await serveHealth({ checkTimeoutMs: 30 });
    const signals: AbortSignal[] = [];
    health.register("postgres", (signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    const { dependencies } = await health.readiness();
    expect(dependencies).toEqual({ postgres: { ready: false, reason: "no answer within 30 ms" } });
    expect(signals[0]?.aborted).toBe(true);
  });

  it("runs all checks at the same time", async () => {
    const { health } = await serveHealth();
    const both = Promise.withResolvers<void>();
    let running = 0;
    const check = () => {
      running++;
      if (running === 2) {
        both.resolve();
      }
      return both.promise;
    };
    health.register("one", check);
    health.register("two", check);
    expect((await health.readiness()).dependencies).toEqual({ one: { ready: true }, two: { ready: true } });
  });

  it("asks a dependency once for many requests at the same time and shortly after", async () => {
    const { lifecycle, health, ask } = await serveHealth({ readyForMs: 60_000 });
    lifecycle.markReady();
    let checks = 0;
    health.register("postgres", () => {
      checks++;
      return Promise.resolve();
    });
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 20 }, () => ask("/readyz")));
    }
    expect(checks).toBe(1);
  });

  it("asks again after a while, sooner when something was not ready", async () => {
    const { lifecycle, health } = await serveHealth({ readyForMs: 60_000, notReadyForMs: 10 });
    lifecycle.markReady();
    let isUp = false;
    health.register("postgres", () => (isUp ? Promise.resolve() : Promise.reject(new Error("down"))));
    expect((await health.readiness()).status).toBe("not ready");
    isUp = true;
    await expect.poll(async () => (await health.readiness()).status, { interval: 5 }).toBe("ready");
    isUp = false;
    expect((await health.readiness()).status).toBe("ready");
  });
});

describe("/healthz", () => {
  it("is 200 as long as the process lives, whatever it depends on", async () => {
    const { health, stop, ask } = await serveHealth();
    health.register("postgres", () => Promise.reject(new Error("down")));
    expect(await ask("/healthz")).toMatchObject({ status: 200, body: { status: "alive", service: "sample" } });
    await stop("a test", 100);
    expect(await ask("/healthz")).toMatchObject({ status: 200, body: { state: "stopping" } });
  });

  it("is not kept by caches, answers HEAD, and leaves other methods and paths to others", async () => {
    const { ask } = await serveHealth();
    expect((await ask("/healthz")).headers.get("cache-control")).toBe("no-store");
    expect((await ask("/readyz")).headers.get("cache-control")).toBe("no-store");
    expect(await ask("/healthz", { method: "HEAD" })).toMatchObject({ status: 200, body: undefined });
    const response = await ask("/healthz", { method: "POST" }).catch((error: unknown) => error);
    expect(response).not.toMatchObject({ status: 200 });
  });
});
