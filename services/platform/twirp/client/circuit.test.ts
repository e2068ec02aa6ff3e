import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserServiceClientProtobuf } from "../../../../gen/twirp/mcsv/v1/user.twirp";
import { type RunningServer, startServer } from "../testing/start-server";
import { createTransport, type TwirpTransport } from "./create-transport";

const REQUEST = { key: { oneofKind: "id", id: "1" } } as const;
const PROBE_AFTER_MS = 60;
let server: RunningServer;
let transport: TwirpTransport;
let requests: number;
let answer: "ok" | "unavailable" | "not_found" | "silent" | "held";
let held: ServerResponse | undefined;

beforeEach(async () => {
  requests = 0;
  held = undefined;
  answer = "unavailable";
  server = await startServer((request, response) => {
    requests += 1;
    request.resume().on("end", () => {
      if (answer === "held") {
        held = response;
      } else if (answer === "ok") {
        response.writeHead(200).end();
      } else if (answer !== "silent") {
        response.writeHead(500).end(JSON.stringify({ code: answer, msg: "m" }));
      }
    });
  });
  transport = createTransport({
    baseUrl: server.url,
    target: "user",
    circuit: { failures: 3, probeAfterMs: PROBE_AFTER_MS, maxProbeAfterMs: PROBE_AFTER_MS },
  });
});
afterEach(async () => {
  transport.close();
  await server.close();
});

function call(timeoutMs = 5_000): Promise<unknown> {
  return new UserServiceClientProtobuf(transport.with({ timeoutMs })).GetUser(REQUEST);
}

async function failTimes(times: number, code: string, timeoutMs?: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await expect(call(timeoutMs)).rejects.toMatchObject({ code });
  }
}

describe("the circuit", () => {
  it("opens after failures in a row, and then calls nobody", async () => {
    await failTimes(3, "unavailable");
    await expect(call()).rejects.toMatchObject({
      code: "unavailable",
      msg: "user did not answer lately: not called",
      meta: { target: "user", circuit: "open" },
    });
    expect(requests).toBe(3);
  });

  it("opens for servers that do not answer in time", async () => {
    answer = "silent";
    await failTimes(3, "deadline_exceeded", 30);
    await expect(call()).rejects.toMatchObject({ meta: { circuit: "open" } });
  });

  it("does not open for errors that only a living service can answer", async () => {
    answer = "not_found";
    await failTimes(10, "not_found");
    expect(requests).toBe(10);
  });

  it("does not open for calls that their callers give up", async () => {
    answer = "silent";
    for (let i = 0; i < 5; i++) {
      const abort = new AbortController();
      const outcome = new UserServiceClientProtobuf(transport.with({ signal: abort.signal })).GetUser(REQUEST);
      queueMicrotask(() => abort.abort());
      await expect(outcome).rejects.toMatchObject({ code: "canceled" });
    }
    answer = "ok";
    await expect(call()).resolves.toEqual({});
  });

  it("counts anew after a success", async () => {
    await failTimes(2, "unavailable");
    answer = "ok";
    await call();
    answer = "unavailable";
    await failTimes(2, "unavailable");
    answer = "ok";
    await expect(call()).resolves.toEqual({});
  });

  it("lets one call through after a while, and closes when that one succeeds", async () => {
    await failTimes(3, "unavailable");
    answer = "ok";
    await expect
      .poll(
        () =>
          call().then(
            () => "answered",
            () => "refused",
          ),
        { interval: 10 },
      )
      .toBe("answered");
    expect(requests).toBe(4);
    await Promise.all([call(), call(), call()]);
    expect(requests).toBe(7);
  });

  it("stays open when the caller of that one gives up", async () => {
    await failTimes(3, "unavailable");
    answer = "silent";
    const abort = new AbortController();
    const client = new UserServiceClientProtobuf(transport.with({ signal: abort.signal }));
    const probes: Promise<unknown>[] = [];
    await expect
      .poll(
        () => {
          probes.push(client.GetUser(REQUEST).catch(() => undefined));
          return requests;
        },
        { interval: 10 },
      )
      .toBe(4);
    abort.abort();
    await Promise.all(probes);
    await expect(call()).rejects.toMatchObject({ meta: { circuit: "open" } });
  });

  it("stays open when that one fails", async () => {
    await failTimes(3, "unavailable");
    await expect.poll(() => call().then(undefined, () => requests), { interval: 10 }).toBe(4);
    await expect(call()).rejects.toMatchObject({ meta: { circuit: "open" } });
    expect(requests).toBe(4);
  });

  it("holds no call beyond its deadline while one is tried", async () => {
    await failTimes(3, "unavailable");
    answer = "silent";
    const probes: Promise<unknown>[] = [];
    await expect
      .poll(
        () => {
          probes.push(call(400).catch(() => undefined));
          return requests;
        },
        { interval: 10 },
      )
      .toBe(4);
    await expect(call(30)).rejects.toMatchObject({ code: "deadline_exceeded" });
    await Promise.all(probes);
  });

  it("is not opened again by calls whose time ended while they waited for the one that is tried", async () => {
    await failTimes(3, "unavailable");
    answer = "held";
    const probe = Promise.withResolvers<unknown>();
    await expect
      .poll(
        () => {
          call().then(probe.resolve, () => undefined);
          return held === undefined ? 0 : 1;
        },
        { interval: 10 },
      )
      .toBe(1);
    await Promise.all(Array.from({ length: 10 }, () => failTimes(1, "deadline_exceeded", 20)));
    answer = "ok";
    held?.writeHead(200).end();
    await probe.promise;
    await expect(call()).resolves.toEqual({});
  });

  it("is each transport's own", async () => {
    await failTimes(3, "unavailable");
    answer = "ok";
    const other = createTransport({ baseUrl: server.url, target: "user" });
    await expect(new UserServiceClientProtobuf(other).GetUser(REQUEST)).resolves.toEqual({});
    other.close();
  });
});
