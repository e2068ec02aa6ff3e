import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { TwirpError, TwirpErrorCode } from "twirp-ts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  UserServiceClientJSON as TsProtoJson,
  UserServiceClientProtobuf as TsProtoProtobuf,
} from "../../../../gen/client/mcsv/v1/user.twirp-client";
import { UserServiceClientJSON, UserServiceClientProtobuf } from "../../../../gen/twirp/mcsv/v1/user.twirp";
import { runInRequestContext } from "../../http/request-context";
import { deadlineExceeded } from "../errors";
import { type RunningHost, startHost } from "../testing/start-host";
import { type RunningServer, startServer, startTcpServer } from "../testing/start-server";
import { createTransport, type TwirpTransport } from "./create-transport";

const REQUEST = { key: { oneofKind: "id", id: "1" } } as const;
let host: RunningHost;
let transport: TwirpTransport;
let seen: IncomingHttpHeaders[];

beforeEach(async () => {
  seen = [];
  host = await startHost({
    async GetUser({ req, signal }, { key }) {
      seen.push(req.headers);
      if (key.oneofKind === "id" && key.id === "slow") {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      }
      return { user: { id: key.oneofKind === "id" ? key.id : "", email: "", name: "Zoë ☃", welcomeJobId: "" } };
    },
    CreateUpload(_ctx, request) {
      return Promise.resolve({ upload: { id: String(request.sizeBytes), url: "", headers: { a: "b" } } });
    },
  });
  transport = createTransport({ baseUrl: host.url, target: "user" });
});
afterEach(async () => {
  transport.close();
  await host.close();
});

describe("generated clients of both kinds and codecs", () => {
  it.each([
    ["protobuf-ts", () => new UserServiceClientProtobuf(transport)],
    ["protobuf-ts, JSON", () => new UserServiceClientJSON(transport)],
  ])("%s", async (_name, client) => {
    expect((await client().GetUser(REQUEST)).user).toMatchObject({ id: "1", name: "Zoë ☃" });
    const upload = await client().CreateUpload({ idempotencyKey: "", userId: "", format: 1, sizeBytes: 2n ** 60n });
    expect(upload.upload).toMatchObject({ id: String(2n ** 60n), headers: { a: "b" } });
  });

  it.each([
    ["ts-proto", () => new TsProtoProtobuf(transport)],
    ["ts-proto, JSON", () => new TsProtoJson(transport)],
  ])("%s", async (_name, client) => {
    expect((await client().GetUser({ key: { $case: "id", id: "1" } })).user).toMatchObject({ id: "1", name: "Zoë ☃" });
    const upload = await client().CreateUpload({ idempotencyKey: "", userId: "", format: 1, sizeBytes: 2n ** 60n });
    expect(upload.upload).toMatchObject({ id: String(2n ** 60n), headers: { a: "b" } });
  });
});

describe("request headers", () => {
  it("say how long the caller waits, and carry the request's id and the caller's own headers", async () => {
    const rpc = transport.with({
      timeoutMs: 3_000,
      headers: { Authorization: "Bearer x", "Content-Type": "text/plain" },
    });
    await runInRequestContext({ requestId: "r-1" }, () => new UserServiceClientProtobuf(rpc).GetUser(REQUEST));
    expect(seen[0]).toMatchObject({
      authorization: "Bearer x",
      "content-type": "application/protobuf",
      accept: "application/protobuf",
      "x-request-id": "r-1",
    });
    const timeout = Number(seen[0]?.["x-twirp-timeout-ms"]);
    expect(timeout).toBeGreaterThan(2_000);
    expect(timeout).toBeLessThanOrEqual(3_000);
  });

  it("have no id outside of a request", async () => {
    await new UserServiceClientProtobuf(transport).GetUser(REQUEST);
    expect(seen[0]).not.toHaveProperty("x-request-id");
  });
});

describe("the deadline of a call", () => {
  it("ends it with deadline_exceeded, whatever the server does", async () => {
    const silent = await startServer(() => undefined);
    const own = createTransport({ baseUrl: silent.url, target: "user", timeoutMs: 60 });
    const call = new UserServiceClientProtobuf(own).GetUser(REQUEST);
    await expect(call).rejects.toMatchObject({
      code: "deadline_exceeded",
      msg: "user did not answer within 60 ms",
      meta: { target: "user" },
    });
    own.close();
    await silent.close();
  });

  it("holds while the answer is read", async () => {
    const slow = await startServer((_request, response) => void response.writeHead(200).write("x"));
    const own = createTransport({ baseUrl: slow.url, target: "user" });
    const call = new UserServiceClientProtobuf(own.with({ timeoutMs: 60 })).GetUser(REQUEST);
    await expect(call).rejects.toMatchObject({ code: "deadline_exceeded" });
    own.close();
    await slow.close();
  });

  it("reaches the server, and ends its work too", async () => {
    const client = new UserServiceClientProtobuf(transport.with({ timeoutMs: 80 }));
    await expect(client.GetUser({ key: { oneofKind: "id", id: "slow" } })).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
  });
});

describe("the signal of a call", () => {
  const slow = { key: { oneofKind: "id", id: "slow" } } as const;

  it("that is aborted already sends nothing", async () => {
    const client = new UserServiceClientProtobuf(transport.with({ signal: AbortSignal.abort() }));
    await expect(client.GetUser(REQUEST)).rejects.toMatchObject({ code: "canceled" });
    expect(seen).toHaveLength(0);
  });

  it.each([
    ["canceled", undefined, "canceled"],
    ["canceled whatever was the reason", new Error("own reason"), "canceled"],
    ["the deadline of the call that it serves", deadlineExceeded("deadline exceeded"), "deadline_exceeded"],
    ["a timeout of its own", new DOMException("timeout", "TimeoutError"), "deadline_exceeded"],
    ["no other Twirp error", new TwirpError(TwirpErrorCode.NotFound, "odd"), "canceled"],
  ])("ends it as %s", async (_what, reason, code) => {
    const abort = new AbortController();
    const call = new UserServiceClientProtobuf(transport.with({ signal: abort.signal })).GetUser(slow);
    const outcome = expect(call).rejects.toMatchObject({ code });
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    abort.abort(reason);
    await outcome;
  });

  it("is not listened to after the call", async () => {
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, "removeEventListener");
    const add = vi.spyOn(signal, "addEventListener");
    await new UserServiceClientProtobuf(transport.with({ signal })).GetUser(REQUEST);
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove).toHaveBeenCalledTimes(1);
  });
});

describe("connections", () => {
  let server: RunningServer;
  let connections: number;
  beforeEach(async () => {
    connections = 0;
    server = await startServer((request, response) => {
      request.resume().on("end", () => response.writeHead(200).end());
    });
    server.server.on("connection", () => {
      connections += 1;
    });
  });
  afterEach(() => server.close());

  it("are kept and used again", async () => {
    const own = createTransport({ baseUrl: server.url, target: "user" });
    for (let i = 0; i < 5; i++) {
      await new UserServiceClientProtobuf(own).GetUser(REQUEST);
    }
    expect(connections).toBe(1);
    own.close();
  });

  it("are no more than allowed at a time", async () => {
    const own = createTransport({ baseUrl: server.url, target: "user", maxSockets: 2 });
    await Promise.all(Array.from({ length: 20 }, () => new UserServiceClientProtobuf(own).GetUser(REQUEST)));
    expect(connections).toBe(2);
    own.close();
  });

  it("are used again after an error of the server, too", async () => {
    for (let i = 0; i < 3; i++) {
      await expect(new UserServiceClientProtobuf(transport).CreateUser({} as never)).rejects.toBeInstanceOf(TwirpError);
    }
    expect(await new Promise((resolve) => host.server.getConnections((_error, count) => resolve(count)))).toBe(1);
  });

  it("are closed by close, and later calls fail with unavailable", async () => {
    const own = createTransport({ baseUrl: server.url, target: "user" });
    await new UserServiceClientProtobuf(own).GetUser(REQUEST);
    own.close();
    await expect(new UserServiceClientProtobuf(own).GetUser(REQUEST)).rejects.toMatchObject({ code: "unavailable" });
    await expect
      .poll(() => new Promise((resolve) => server.server.getConnections((_error, count) => resolve(count))))
      .toBe(0);
  });
});

describe("a request that the server refuses before it has read it", () => {
  it("is not sent to its end", async () => {
    const ended = Promise.withResolvers<number>();
    let connection: Socket | undefined;
    const busy = await startTcpServer((socket) => {
      connection = socket;
      socket.once("data", () => {
        socket.pause();
        socket.write('HTTP/1.1 503 Busy\r\nContent-Length: 33\r\n\r\n{"code":"unavailable","msg":"no"}');
      });
      socket.once("close", () => ended.resolve(socket.bytesRead));
    });
    const own = createTransport({ baseUrl: busy.url, target: "user" });
    const image = new Uint8Array(30 * 1024 * 1024);
    const request = { idempotencyKey: "", userId: "", fileName: "", source: { oneofKind: "image", image } } as const;
    await expect(new UserServiceClientProtobuf(own).ConvertImage(request)).rejects.toMatchObject({ msg: "no" });
    connection?.resume();
    expect(await ended.promise).toBeLessThan(image.length);
    own.close();
    busy.close();
  });

  it("gets the server's answer", async () => {
    const rpc = new UserServiceClientProtobuf(transport);
    const image = new Uint8Array(30 * 1024 * 1024);
    const call = rpc.ConvertImage({
      idempotencyKey: "",
      userId: "",
      fileName: "",
      source: { oneofKind: "image", image },
    });
    await expect(call).rejects.toMatchObject({ code: "resource_exhausted", meta: { max_body_bytes: "1048576" } });
  });
});

describe("base URLs", () => {
  it.each([[""], ["/"], ["/twirp"], ["/twirp/"]])("may end in %j", async (end) => {
    const own = createTransport({ baseUrl: `${host.url}${end}`, target: "user" });
    expect((await new UserServiceClientProtobuf(own).GetUser(REQUEST)).user?.id).toBe("1");
    own.close();
  });

  it("must be of HTTP", () => {
    expect(() => createTransport({ baseUrl: "ftp://user", target: "user" })).toThrow("must be http or https");
    expect(() => createTransport({ baseUrl: "user:8081", target: "user" })).toThrow(TypeError);
  });
});

describe("the authorization of a call", () => {
  it("is asked for before every attempt", async () => {
    const tokens = ["first", "second"];
    let attempts = 0;
    const flaky = await startServer((request, response) => {
      seen.push(request.headers);
      attempts++;
      response.writeHead(attempts === 1 ? 503 : 200, { "content-type": "application/protobuf" });
      response.end();
    });
    const authorized = createTransport({
      baseUrl: flaky.url,
      target: "user",
      authorization: () => Promise.resolve(`Bearer ${tokens.shift()}`),
      retryDelay: { initialMs: 1 },
    });
    await new UserServiceClientProtobuf(authorized.with({ idempotent: true })).GetUser(REQUEST);
    expect(seen.map(({ authorization }) => authorization)).toEqual(["Bearer first", "Bearer second"]);
    authorized.close();
    await flaky.close();
  });

  it("is the call's own where it has one", async () => {
    const authorized = createTransport({
      baseUrl: host.url,
      target: "user",
      authorization: () => Promise.resolve("Bearer transport"),
    });
    await new UserServiceClientProtobuf(authorized).GetUser(REQUEST);
    const authorization = () => Promise.resolve("Bearer call");
    await new UserServiceClientProtobuf(authorized.with({ authorization })).GetUser(REQUEST);
    expect(seen.map((headers) => headers.authorization)).toEqual(["Bearer transport", "Bearer call"]);
    authorized.close();
  });

  it("fails the call when there is none to be had", async () => {
    const authorization = () => Promise.reject(deadlineExceeded("no token in time"));
    const call = new UserServiceClientProtobuf(transport.with({ authorization })).GetUser(REQUEST);
    await expect(call).rejects.toMatchObject({ code: TwirpErrorCode.DeadlineExceeded, msg: "no token in time" });
    expect(seen).toEqual([]);
  });
});
