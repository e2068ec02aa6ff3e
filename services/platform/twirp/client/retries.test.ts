import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UserServiceClientProtobuf } from "../../../../gen/twirp/mcsv/v1/user.twirp";
import { type RunningServer, startServer } from "../testing/start-server";
import { createTransport, type TransportOptions, type TwirpTransport } from "./create-transport";

const REQUEST = { key: { oneofKind: "id", id: "1" } } as const;
let server: RunningServer;
let transport: TwirpTransport;
let requests: number;

afterEach(async () => {
  transport.close();
  await server.close();
});

type Step = number | string | "silent" | "reset";

/** A server that takes one step for each request, and the last step for ever. */
async function start(steps: readonly Step[], options: Partial<TransportOptions> = {}): Promise<void> {
  requests = 0;
  const listener: RequestListener = (request, response) => {
    const step = steps[Math.min(requests, steps.length - 1)];
    requests += 1;
    request.resume().on("end", () => {
      if (step === "reset") {
        request.socket.resetAndDestroy();
      } else if (typeof step === "number") {
        response.writeHead(step).end();
      } else if (step !== "silent") {
        response.writeHead(500, { "content-type": "application/json" }).end(JSON.stringify({ code: step, msg: "m" }));
      }
    });
  };
  server = await startServer(listener);
  const retryDelay = { initialMs: 1, maxMs: 4 };
  transport = createTransport({ baseUrl: server.url, target: "user", retryDelay, ...options });
}

function call(options: Parameters<TwirpTransport["with"]>[0] = { idempotent: true }): Promise<unknown> {
  return new UserServiceClientProtobuf(transport.with(options)).GetUser(REQUEST);
}

describe("an idempotent call", () => {
  it.each<[string, Step]>([
    ["unavailable", "unavailable"],
    ["deadline_exceeded by the server", "deadline_exceeded"],
    ["a proxy's 503", 503],
    ["a reset connection", "reset"],
  ])("is repeated after %s", async (_what, step) => {
    await start([step, step, 200]);
    await expect(call()).resolves.toEqual({});
    expect(requests).toBe(3);
  });

  it("is given up after the attempts that the transport allows, with the last error", async () => {
    await start(["unavailable"], { maxAttempts: 4 });
    await expect(call()).rejects.toMatchObject({ code: "unavailable", msg: "m" });
    expect(requests).toBe(4);
  });

  it.each([
    "invalid_argument",
    "not_found",
    "internal",
    "unknown",
    "resource_exhausted",
    "aborted",
    "canceled",
    "bad_route",
  ])("is not repeated after %s", async (code) => {
    await start([code, 200]);
    await expect(call()).rejects.toMatchObject({ code });
    expect(requests).toBe(1);
  });

  it("is repeated when an attempt takes longer than attempts may", async () => {
    await start(["silent", 200]);
    await expect(call({ idempotent: true, attemptTimeoutMs: 50, timeoutMs: 5_000 })).resolves.toEqual({});
    expect(requests).toBe(2);
  });

  it("is not repeated once its own time is over", async () => {
    await start(["silent", 200]);
    await expect(call({ idempotent: true, timeoutMs: 60 })).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(requests).toBe(1);
  });

  it("is not repeated when there is no time left for the pause: the attempt's error is the better one", async () => {
    await start(["unavailable"], { retryDelay: { initialMs: 100_000, maxMs: 100_000 } });
    vi.spyOn(Math, "random").mockReturnValue(0.9);
    await expect(call({ idempotent: true, timeoutMs: 1_000 })).rejects.toMatchObject({ code: "unavailable" });
    vi.restoreAllMocks();
    expect(requests).toBe(1);
  });

  it("that its caller gives up is not repeated, not even in a pause", async () => {
    await start(["unavailable"], { retryDelay: { initialMs: 8_000, maxMs: 8_000 } });
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const abort = new AbortController();
    const outcome = expect(call({ idempotent: true, signal: abort.signal })).rejects.toMatchObject({
      code: "canceled",
    });
    await vi.waitFor(() => expect(requests).toBe(1));
    abort.abort();
    await outcome;
    vi.restoreAllMocks();
    expect(requests).toBe(1);
  });
});

describe("a call that is not idempotent", () => {
  it.each<[Step]>([["unavailable"], ["deadline_exceeded"], [503], ["reset"]])(
    "is never repeated (%s)",
    async (step) => {
      await start([step, 200]);
      await expect(call({})).rejects.toMatchObject({ code: expect.stringMatching(/unavailable|deadline_exceeded/) });
      expect(requests).toBe(1);
    },
  );
});

describe("a kept connection that the server closes as a request comes", () => {
  async function callOnStaleConnection(options: { idempotent?: boolean }): Promise<unknown> {
    await start([200, "reset", 200], { maxAttempts: 1 });
    const sockets = new Set<Socket>();
    server.server.on("connection", (socket: Socket) => sockets.add(socket));
    await call(options);
    expect(sockets.size).toBe(1);
    return call(options);
  }

  it("costs an idempotent call nothing, not even an attempt", async () => {
    await expect(callOnStaleConnection({ idempotent: true })).resolves.toEqual({});
    expect(requests).toBe(3);
  });

  it("is unavailable for any other, since the server may have read it", async () => {
    await expect(callOnStaleConnection({})).rejects.toMatchObject({ code: "unavailable" });
    expect(requests).toBe(2);
  });
});

describe("the pause before a further attempt", () => {
  it("is anything from nothing to a bound that doubles up to a maximum", async () => {
    await start(["unavailable"], { maxAttempts: 5, retryDelay: { initialMs: 10, maxMs: 40 } });
    const pauses: number[] = [];
    transport.close();
    const debug = (_message: string, fields: { delay_ms: number }) => pauses.push(fields.delay_ms);
    const logger = { debug, warn: () => undefined, info: () => undefined } as never;
    const options = { maxAttempts: 5, retryDelay: { initialMs: 10, maxMs: 40 }, circuit: { failures: 100 }, logger };
    transport = createTransport({ baseUrl: server.url, target: "user", ...options });
    for (const share of [0, 1]) {
      vi.spyOn(Math, "random").mockReturnValue(share);
      await expect(call()).rejects.toMatchObject({ code: "unavailable" });
      vi.restoreAllMocks();
    }
    expect(pauses).toEqual([0, 0, 0, 0, 10, 20, 40, 40]);
  });
});
