import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallContext } from "../call-context";
import { isTwirpError } from "../errors";
import { GET_USER, send, sendJson } from "../testing/send";
import { type RunningHost, startHost } from "../testing/start-host";

const SERVICE = "/twirp/mcsv.v1.UserService";
let host: RunningHost;
let contexts: CallContext[];
let release: () => void;

beforeEach(async () => {
  contexts = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  release = resolve;
  host = await startHost(
    {
      GetUser(ctx) {
        contexts.push(ctx);
        return Promise.resolve({});
      },
      async CreateUser(ctx) {
        contexts.push(ctx);
        await promise;
        return {};
      },
      async CreateUpload(ctx) {
        contexts.push(ctx);
        await new Promise((_resolve, reject) => {
          ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason));
        });
        return {};
      },
    },
    { maxDeadlineMs: 20_000, service: { methods: { CreateUser: { maxDeadlineMs: 100 } } } },
  );
});
afterEach(async () => {
  release();
  await host.close();
});

function lastContext(): CallContext {
  const context = contexts.at(-1);
  if (context === undefined) {
    throw new Error("no call arrived");
  }
  return context;
}

describe("the deadline", () => {
  it("is the server's maximum where the caller names none", async () => {
    await sendJson(host.port, GET_USER, {});
    const leftMs = lastContext().deadlineMs - Date.now();
    expect(leftMs).toBeGreaterThan(15_000);
    expect(leftMs).toBeLessThanOrEqual(20_000);
  });

  it.each([
    ["1500", 1_500],
    ["99999999999999", 20_000],
  ])("of a caller that waits %s ms is in %d ms", async (header, expectedMs) => {
    await sendJson(host.port, GET_USER, {}, { "x-twirp-timeout-ms": header });
    const leftMs = lastContext().deadlineMs - Date.now();
    expect(leftMs).toBeGreaterThan(expectedMs - 1_000);
    expect(leftMs).toBeLessThanOrEqual(expectedMs);
  });

  it.each([["soon"], ["-1"], ["1.5"], ["1e3"], ["1s"], [" "]])("of %j is malformed", async (header) => {
    const reply = await sendJson(host.port, GET_USER, {}, { "x-twirp-timeout-ms": header });
    if (header.trim() === "") {
      expect(reply.status).toBe(400);
    }
    expect(reply.json()).toEqual({
      code: "malformed",
      msg: "header x-twirp-timeout-ms must be a whole number of milliseconds",
    });
  });

  it("is answered when an implementation ignores its signal, and holds for its method alone", async () => {
    const reply = await sendJson(host.port, `${SERVICE}/CreateUser`, {});
    expect(reply.status).toBe(408);
    expect(reply.json()).toEqual({ code: "deadline_exceeded", msg: "deadline exceeded" });
  });

  it("of the caller is answered too, and aborts the signal with the same error", async () => {
    const reply = await sendJson(host.port, `${SERVICE}/CreateUpload`, {}, { "x-twirp-timeout-ms": "50" });
    expect(reply.json()).toEqual({ code: "deadline_exceeded", msg: "deadline exceeded" });
    const { signal } = lastContext();
    expect(signal.aborted).toBe(true);
    expect(isTwirpError(signal.reason) && signal.reason.code).toBe("deadline_exceeded");
  });

  it("that has passed on arrival is answered at once", async () => {
    const reply = await sendJson(host.port, `${SERVICE}/CreateUpload`, {}, { "x-twirp-timeout-ms": "0" });
    expect(reply.json()).toMatchObject({ code: "deadline_exceeded" });
  });

  it("holds while the body is read", async () => {
    const socket = connect(host.port, "127.0.0.1");
    socket.write(
      `POST ${GET_USER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nx-twirp-timeout-ms: 50\r\nContent-Length: 9\r\n\r\n{`,
    );
    const answer = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    expect(answer).toContain("failed to read request: deadline exceeded");
    socket.destroy();
  });

  it("passes for a call, and what the implementation does later changes and breaks nothing", async () => {
    const reply = await sendJson(host.port, `${SERVICE}/CreateUser`, {});
    expect(reply.status).toBe(408);
    release();
    expect((await sendJson(host.port, GET_USER, {})).status).toBe(200);
  });
});

describe("a caller that goes away", () => {
  it("aborts the signal as canceled", async () => {
    const abort = new AbortController();
    const reply = send(host.port, `${SERVICE}/CreateUpload`, {
      headers: { "content-type": "application/json" },
      body: "{}",
      signal: abort.signal,
    });
    await vi.waitFor(() => expect(contexts).toHaveLength(1));
    const { signal } = lastContext();
    expect(signal.aborted).toBe(false);
    abort.abort();
    await expect(reply).rejects.toThrow();
    await vi.waitFor(() => expect(signal.aborted).toBe(true));
    expect(isTwirpError(signal.reason) && signal.reason.code).toBe("canceled");
    expect(host.log.filter((line) => line["level"] === "error")).toEqual([]);
  });

  it("leaves a line that belongs to its request", async () => {
    const abort = new AbortController();
    const reply = send(host.port, `${SERVICE}/CreateUpload`, {
      headers: { "content-type": "application/json", "x-request-id": "gone" },
      body: "{}",
      signal: abort.signal,
    });
    await vi.waitFor(() => expect(contexts).toHaveLength(1));
    abort.abort();
    await expect(reply).rejects.toThrow();
    await vi.waitFor(() =>
      expect(host.accessLog.at(-1)).toMatchObject({ code: "canceled", request_id: "gone", caller: expect.any(String) }),
    );
  });

  it("in the middle of its body does no harm", async () => {
    const socket = connect(host.port, "127.0.0.1");
    const closed = new Promise((resolve) => host.server.once("connection", (other) => other.once("close", resolve)));
    socket.write(
      `POST ${GET_USER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{`,
      () => socket.resetAndDestroy(),
    );
    await closed;
    expect((await sendJson(host.port, GET_USER, {})).status).toBe(200);
    expect(contexts).toHaveLength(1);
  });
});

it("a signal is not aborted by an answer", async () => {
  await sendJson(host.port, GET_USER, {});
  expect(lastContext().signal.aborted).toBe(false);
});
