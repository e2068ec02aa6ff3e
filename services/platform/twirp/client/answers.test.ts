import type { RequestListener } from "node:http";
import { TwirpError } from "twirp-ts";
import { afterEach, describe, expect, it } from "vitest";
import {
  UserServiceClientJSON as TsProtoJson,
  UserServiceClientProtobuf as TsProtoProtobuf,
} from "../../../../gen/client/mcsv/v1/user.twirp-client";
import { GetUserResponse } from "../../../../gen/twirp/mcsv/v1/user";
import { UserServiceClientJSON, UserServiceClientProtobuf } from "../../../../gen/twirp/mcsv/v1/user.twirp";
import { recordMetrics } from "../../../../tests/support/record-metrics";
import { type RunningServer, startServer, startTcpServer } from "../testing/start-server";
import { createTransport, type TransportOptions, type TwirpTransport } from "./create-transport";

let cleanup: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(cleanup.map((close) => close()));
  cleanup = [];
});

function transportTo(baseUrl: string, options: Partial<TransportOptions> = {}): TwirpTransport {
  const transport = createTransport({ baseUrl, target: "user", timeoutMs: 5_000, ...options });
  cleanup.push(() => transport.close());
  return transport;
}

async function serverOf(listener: RequestListener): Promise<RunningServer> {
  const server = await startServer(listener);
  cleanup.push(() => server.close());
  return server;
}

function answering(status: number, headers: Record<string, string>, body: string | Buffer): RequestListener {
  return (request, response) => {
    request.resume().on("end", () => response.writeHead(status, headers).end(body));
  };
}

const REQUEST = { key: { oneofKind: "id", id: "1" } } as const;
const JSON_TYPE = { "content-type": "application/json" };

/** All generated clients, each as a call of GetUser. */
const CLIENTS: readonly [string, (transport: TwirpTransport) => Promise<unknown>][] = [
  ["protobuf-ts, protobuf", (transport) => new UserServiceClientProtobuf(transport).GetUser(REQUEST)],
  ["protobuf-ts, JSON", (transport) => new UserServiceClientJSON(transport).GetUser(REQUEST)],
  ["ts-proto, protobuf", (transport) => new TsProtoProtobuf(transport).GetUser({ key: { $case: "id", id: "1" } })],
  ["ts-proto, JSON", (transport) => new TsProtoJson(transport).GetUser({ key: { $case: "id", id: "1" } })],
];

async function failure(call: Promise<unknown>): Promise<TwirpError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TwirpError)) {
    throw new Error(`no TwirpError: ${String(error)}`);
  }
  return error;
}

async function failureOf(listener: RequestListener, options: Partial<TransportOptions> = {}): Promise<TwirpError> {
  const { url } = await serverOf(listener);
  return failure(new UserServiceClientProtobuf(transportTo(url, options)).GetUser(REQUEST));
}

describe("Twirp errors of the server", () => {
  it("are measured by server, method and code", async () => {
    const metrics = recordMetrics();
    const { port } = new URL((await serverOf(answering(200, JSON_TYPE, "{}"))).url);
    await failureOf(answering(404, JSON_TYPE, '{"code":"not_found","msg":"m"}'), { meter: metrics.meter });
    const transport = transportTo(`http://127.0.0.1:${port}`, { meter: metrics.meter });
    await new UserServiceClientJSON(transport).GetUser(REQUEST);

    const points = await metrics.points("rpc.client.call.duration");
    expect(points.map(({ value }) => value)).toEqual([
      { count: 1, sum: expect.any(Number) },
      { count: 1, sum: expect.any(Number) },
    ]);
    expect(points[0]?.attributes).toMatchObject({
      "rpc.method": "mcsv.v1.UserService/GetUser",
      "error.type": "not_found",
      "server.address": "127.0.0.1",
    });
    expect(points[1]?.attributes).toMatchObject({ "server.port": Number(port) });
    expect(points[1]?.attributes).not.toHaveProperty("error.type");
  });

  it("arrive with code, message and meta", async () => {
    const body = JSON.stringify({ code: "not_found", msg: "no such user", meta: { argument: "id" } });
    const error = await failureOf(answering(404, JSON_TYPE, body));
    expect(error).toMatchObject({ code: "not_found", msg: "no such user", meta: { argument: "id" } });
  });

  it.each([
    ["without msg and meta", '{"code":"not_found"}', "not_found", ""],
    ["with meta null", '{"code":"not_found","msg":"m","meta":null}', "not_found", "m"],
    ["in the spelling of the specification", '{"code":"dataloss","msg":"m"}', "data_loss", "m"],
    ["that the status contradicts", '{"code":"unavailable","msg":"m"}', "unavailable", "m"],
  ])("%s are understood", async (_how, body, code, msg) => {
    expect(await failureOf(answering(500, {}, body))).toMatchObject({ code, msg });
  });

  it("of a code that does not exist are internal, as in Go", async () => {
    const body = '{"code":"im_a_teapot","msg":"m"}';
    expect(await failureOf(answering(500, JSON_TYPE, body))).toMatchObject({
      code: "internal",
      msg: "invalid type returned from server error response: im_a_teapot",
      meta: { body },
    });
  });
});

describe("errors of a proxy in between", () => {
  it.each([
    [400, "internal"],
    [401, "unauthenticated"],
    [403, "permission_denied"],
    [404, "bad_route"],
    [418, "unknown"],
    [429, "resource_exhausted"],
    [500, "unknown"],
    [502, "unavailable"],
    [503, "unavailable"],
    [504, "unavailable"],
    [201, "unknown"],
    [204, "unknown"],
  ])("with status %d are %s", async (status, code) => {
    const body = status === 204 ? "" : "<html>nginx</html>";
    const error = await failureOf(answering(status, { "content-type": "text/html" }, body));
    expect(error).toMatchObject({
      code,
      msg: expect.stringMatching(new RegExp(`^Error from intermediary with HTTP status code ${status} "`)),
      meta: { http_error_from_intermediary: "true", status_code: String(status), body },
    });
  });

  it.each([301, 302, 307, 308])("that redirect with %d are internal, and not followed", async (status) => {
    let requests = 0;
    const error = await failureOf((request, response) => {
      requests += 1;
      answering(status, { location: "/elsewhere" }, "")(request, response);
    });
    expect(error).toMatchObject({
      code: "internal",
      meta: { http_error_from_intermediary: "true", status_code: String(status), location: "/elsewhere" },
    });
    expect(error.msg).toContain('received, Location="/elsewhere"');
    expect(requests).toBe(1);
  });

  it.each([
    ["no JSON", "Bad Gateway"],
    ["JSON of another kind", '{"error":{"code":502}}'],
    ["JSON with fields of its own", '{"code":"not_found","msg":"m","trace":"x"}'],
    ["a code that is a number", '{"code":5,"msg":"m"}'],
    ["an empty code", '{"code":"","msg":"m"}'],
    ["meta that is no text", '{"code":"not_found","meta":{"a":1}}'],
    ["an array", "[]"],
    ["null", "null"],
    ["nothing", ""],
  ])("are recognised by a body of %s", async (_what, body) => {
    expect(await failureOf(answering(503, JSON_TYPE, body))).toMatchObject({
      code: "unavailable",
      meta: { http_error_from_intermediary: "true", status_code: "503", body },
    });
  });
});

describe.each(CLIENTS)("the client of %s", (_name, call) => {
  it.each([
    ["text", "<html>ok</html>", "text/html"],
    ["text that claims to be right", "plain text", undefined],
    ["a broken message", '{"user":', undefined],
    ["a message of the wrong shape", Buffer.from([0x0a, 0x7f, 0x01]), undefined],
  ])("turns a success of %s into internal", async (_what, body, contentType) => {
    const { url } = await serverOf((request, response) => {
      const type = contentType ?? request.headers["content-type"] ?? "";
      answering(200, { "content-type": type }, body)(request, response);
    });
    expect(await failure(call(transportTo(url)))).toMatchObject({ code: "internal" });
  });

  it("turns an unreachable server into unavailable", async () => {
    const { url, close } = await startServer(() => undefined);
    await close();
    const error = await failure(call(transportTo(url)));
    expect(error).toMatchObject({ code: "unavailable", meta: { target: "user" } });
    expect(error.cause()).toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("JSON answers", () => {
  it.each([
    ["in names of the .proto file", '{"user":{"welcome_job_id":"w"}}'],
    ["in camelCase", '{"user":{"welcomeJobId":"w"}}'],
    ["with fields that nobody knows", '{"user":{"welcomeJobId":"w","x":[]},"y":1}'],
    ["with null for what is not set", '{"user":{"welcomeJobId":"w","email":null,"createdAt":null}}'],
    ["after a byte order mark and white space", '\ufeff \n{"user":{"welcomeJobId":"w"}} '],
  ])("are read %s", async (_how, body) => {
    const { url } = await serverOf(answering(200, { "content-type": "application/json; charset=UTF-8" }, body));
    const transport = transportTo(url);
    const expected = { id: "", email: "", name: "", welcomeJobId: "w" };
    expect((await new UserServiceClientJSON(transport).GetUser(REQUEST)).user).toMatchObject(expected);
    const tsProto = await new TsProtoJson(transport).GetUser({ key: { $case: "id", id: "1" } });
    expect(tsProto.user).toMatchObject(expected);
  });

  it.each([["[]"], ["null"], ['"text"'], [""]])("of %j are internal", async (body) => {
    const { url } = await serverOf(answering(200, JSON_TYPE, body));
    const error = await failure(new UserServiceClientJSON(transportTo(url)).GetUser(REQUEST));
    expect(error.code).toBe("internal");
  });
});

it("an answer without Content-Type is taken for what was asked for", async () => {
  const bytes = Buffer.from(GetUserResponse.toBinary({ user: { id: "1", email: "", name: "Ada", welcomeJobId: "" } }));
  const { url } = await serverOf(answering(200, {}, bytes));
  expect((await new UserServiceClientProtobuf(transportTo(url)).GetUser(REQUEST)).user?.name).toBe("Ada");
});

describe("an answer above the cap", () => {
  it.each([
    ["by its Content-Length", { "content-length": "5000" }],
    ["while it is read", {}],
  ])("is resource_exhausted for good, %s", async (_how, headers) => {
    const error = await failureOf(answering(200, headers, Buffer.alloc(5_000)), { maxResponseBytes: 4_096 });
    expect(error).toMatchObject({
      code: "resource_exhausted",
      msg: "response of user is larger than 4096 bytes",
      meta: { permanent: "true", max_response_bytes: "4096" },
    });
  });

  it("that never ends is cut off", async () => {
    let closed = false;
    const error = await failureOf((_request, response) => {
      response.writeHead(500);
      const pump = (): void => {
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", pump).on("close", () => {
        closed = true;
      });
      pump();
    });
    expect(error.code).toBe("resource_exhausted");
    await expect.poll(() => closed).toBe(true);
  });
});

describe("connections that break", () => {
  it.each([
    ["before an answer", "", true, "unavailable"],
    ["within the headers", "HTTP/1.1 200 OK\r\nConte", true, "unavailable"],
    ["within the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", true, "unavailable"],
    ["within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", true, "unavailable"],
    ["and do not speak HTTP", "SSH-2.0-OpenSSH_9.2\r\n", false, "internal"],
    ["and send endless headers", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}`, false, "internal"],
  ])("%s", async (_when, text, ends, code) => {
    const { url, close } = await startTcpServer((socket) => {
      socket.once("data", () => (ends ? socket.end(text) : socket.write(text)));
    });
    cleanup.push(close);
    const error = await failure(new UserServiceClientProtobuf(transportTo(url)).GetUser(REQUEST));
    expect(error).toMatchObject({ code });
  });
});

it("headers that HTTP cannot carry are internal, and say nothing of their value", async () => {
  const { url } = await serverOf(answering(200, {}, ""));
  const rpc = transportTo(url).with({ headers: { authorization: "a\nb" } });
  expect(await failure(new UserServiceClientProtobuf(rpc).GetUser(REQUEST))).toMatchObject({
    code: "internal",
    msg: "internal error",
  });
});
