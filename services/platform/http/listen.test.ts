import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import Koa from "koa";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLifecycle } from "../lifecycle/lifecycle";
import { createLogger } from "../logging/create-logger";
import { listen, type ServerTimeouts } from "./listen";

const HUGE = 256 * 1024 * 1024;

/** An app on a port of its own: `/` answers, `/wait` answers when told to, `/huge` sends more than sockets hold, POST reads. */
async function serve(timeouts: Partial<ServerTimeouts> = {}) {
  const logger = createLogger({
    service: "sample",
    level: "error",
    format: "json",
    stream: new PassThrough().resume(),
  });
  const { lifecycle, stop } = createLifecycle("sample");
  const release = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  const hugeClosed = Promise.withResolvers<void>();
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx) => {
    if (ctx.path === "/wait") {
      waiting.resolve();
      await release.promise;
    }
    if (ctx.path === "/huge") {
      ctx.res.once("close", () => hugeClosed.resolve());
      ctx.body = Buffer.alloc(HUGE);
      return;
    }
    if (ctx.method === "POST") {
      await ctx.req.resume().toArray();
    }
    ctx.body = { path: ctx.path };
  });
  const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle, timeouts });
  onTestFinished(async () => {
    release.resolve();
    await stop("the test is over", 100);
  });
  return { port, lifecycle, stop, release: release.resolve, waiting: waiting.promise, hugeClosed: hugeClosed.promise };
}

/** A raw connection, all it has received, and when it ended. */
function open(port: number): { socket: Socket; received: () => string; closed: Promise<void> } {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk;
  });
  // A reset is one way to be closed.
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  onTestFinished(() => {
    socket.destroy();
  });
  return { socket, received: () => text, closed };
}

function request(port: number, path: string, agent?: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ port, path, host: "127.0.0.1", ...(agent === undefined ? {} : { agent }) }, (response) => {
      response.resume().once("end", () => resolve(response));
    }).once("error", reject);
  });
}

describe("slow clients", () => {
  it("that send nothing are closed", async () => {
    const { port } = await serve({ headersMs: 150 });
    await open(port).closed;
  });

  it("that drip their headers are closed, with 408", async () => {
    const { port } = await serve({ headersMs: 200 });
    const { socket, received, closed } = open(port);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n");
    const drip = setInterval(() => socket.write("a: b\r\n"), 20);
    await closed;
    clearInterval(drip);
    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("that drip their body are closed, with 408", async () => {
    const { port } = await serve({ headersMs: 100, requestMs: 300 });
    const { socket, received, closed } = open(port);
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n");
    const drip = setInterval(() => socket.write("x"), 20);
    await closed;
    clearInterval(drip);
    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("that do not read their answer are closed", async () => {
    const { port, hugeClosed } = await serve({ stalledWriteMs: 200 });
    const { socket, closed } = open(port);
    socket.pause();
    socket.write("GET /huge HTTP/1.1\r\nhost: x\r\n\r\n");
    await hugeClosed;
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(HUGE);
  });

  it("are not what a client with a slow handler is", async () => {
    const timeouts = { headersMs: 50, requestMs: 100, stalledWriteMs: 200, keepAliveMs: 50 };
    const { port, release, waiting, hugeClosed } = await serve(timeouts);
    const answer = request(port, "/wait");
    await waiting;
    // When another client, which came later, has run into the longest of the limits, this one would have too.
    const stalled = open(port).socket.pause();
    stalled.write("GET /huge HTTP/1.1\r\nhost: x\r\n\r\n");
    await hugeClosed;
    release();
    expect((await answer).statusCode).toBe(200);
  });

  it("that sent too many headers get 431, and the server lives", async () => {
    const { port } = await serve();
    const { socket, received, closed } = open(port);
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\nbig: ${"x".repeat(20_000)}\r\n\r\n`);
    await closed;
    expect(received()).toMatch(/^HTTP\/1\.1 431 /);
    expect((await request(port, "/")).statusCode).toBe(200);
  });
});

describe("keep-alive", () => {
  it("serves many requests on a connection, tells how long it stays, and closes it then", async () => {
    const { port } = await serve({ keepAliveMs: 1_000 });
    const { socket, received, closed } = open(port);
    for (let count = 1; count <= 3; count++) {
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
      await expect.poll(() => received().split("HTTP/1.1 200").length - 1).toBe(count);
    }
    expect(received()).toMatch(/connection: keep-alive\r\nkeep-alive: timeout=1/i);
    await closed;
  });
});

describe("the drain", () => {
  it("answers what was asked with Connection: close, and is over then", async () => {
    const { port, stop, release, waiting } = await serve();
    const agent = new Agent({ keepAlive: true });
    const answer = request(port, "/wait", agent);
    await waiting;
    const stopped = stop("a test", 10_000);
    await expect
      .poll(() => request(port, "/").catch((error: NodeJS.ErrnoException) => error.code))
      .toBe("ECONNREFUSED");
    release();
    const response = await answer;
    expect([response.statusCode, response.headers.connection]).toEqual([200, "close"]);
    await stopped;
  });

  it("loses no request of clients that keep their connections busy", async () => {
    const { port, stop } = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const outcomes = new Map<string, number>();
    const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const client = async () => {
      for (let refused = false; !refused; ) {
        const outcome = await request(port, "/", agent).then(
          ({ statusCode }) => String(statusCode),
          (error: NodeJS.ErrnoException) => String(error.code),
        );
        count(outcome);
        refused = outcome !== "200";
      }
    };
    const clients = Array.from({ length: 8 }, client);
    await expect.poll(() => outcomes.get("200") ?? 0).toBeGreaterThan(200);
    await stop("a test", 10_000);
    await Promise.all(clients);
    agent.destroy();
    expect([...outcomes.keys()].sort()).toEqual(["200", "ECONNREFUSED"]);
  });

  it("is not held up by connections without a request, idle, silent or half way through headers", async () => {
    const { port, stop } = await serve();
    const idle = open(port);
    idle.socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await expect.poll(idle.received).toContain("200 OK");
    const silent = open(port);
    const half = open(port);
    half.socket.write("GET / HTTP/1.1\r\nhost");
    await Promise.all([silent, half].map(({ socket }) => (socket.connecting ? once(socket, "connect") : undefined)));
    const startedAt = performance.now();
    await stop("a test", 10_000);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    await Promise.all([idle.closed, silent.closed, half.closed]);
  });

  it("cuts off at the deadline what is still not answered", async () => {
    const { port, stop, waiting } = await serve();
    const answer = request(port, "/wait").catch((error: NodeJS.ErrnoException) => error.code);
    await waiting;
    await stop("a test", 200);
    expect(await answer).toBe("ECONNRESET");
  });
});

describe("a port that cannot be listened on", () => {
  it.each([
    ["in use", "127.0.0.1", (port: number) => port, /cannot listen on 127\.0\.0\.1:\d+: the port is in use.*set PORT/],
    ["on no address of this machine", "192.0.2.1", () => 0, /HOST is no address of this machine/],
    ["on a name that does not exist", "no-such-host.invalid", () => 0, /HOST is no address of this machine/],
  ])("because it is %s is a start error that says so", async (_why, host, portOf, message) => {
    const { port, lifecycle } = await serve();
    const logger = createLogger({ service: "sample", level: "error", format: "json", stream: new PassThrough() });
    const listening = listen(new Koa(), { host, port: portOf(port), logger, lifecycle });
    await expect(listening).rejects.toThrow(message);
  });
});
