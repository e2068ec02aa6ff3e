import { InternalServerErrorWith, TwirpError, TwirpErrorCode } from "twirp-ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as errors from "../errors";
import { GET_USER, getUserBytes, sendJson, sendProtobuf } from "../testing/send";
import { type RunningHost, startHost } from "../testing/start-host";

let host: RunningHost;
let act: () => unknown = () => ({});

beforeAll(async () => {
  host = await startHost({ GetUser: (async () => act()) as never });
});
afterAll(() => host.close());
beforeEach(() => {
  host.log.length = 0;
});

function throwing(value: unknown): () => never {
  return () => {
    throw value;
  };
}

class DatabaseError extends Error {
  readonly code = "23505";
  readonly detail = "Key (email)=(ada@example.org) already exists.";
  override readonly name = "DatabaseError";
}

class AppError extends TwirpError {
  constructor() {
    super(TwirpErrorCode.NotFound, "no such thing");
  }
}

function circular(): object {
  const object: Record<string, unknown> = { status: 404, expose: true, message: "hunter2" };
  object["self"] = object;
  return object;
}

const hostile = {
  get code(): string {
    throw new Error("hunter2");
  },
  msg: "hunter2",
};

const unknownCode = new TwirpError("no_such_code" as TwirpErrorCode, "hunter2");
const withoutCode = Object.assign(new TwirpError(TwirpErrorCode.Internal, "hunter2"), { code: undefined });

describe("what nobody foresaw", () => {
  it.each<[string, unknown]>([
    ["an Error", new Error("hunter2")],
    ["a subclass of Error", new DatabaseError("hunter2")],
    ["an AggregateError", new AggregateError([new Error("hunter2")], "hunter2")],
    ["an error with a status for Koa", Object.assign(new Error("hunter2"), { status: 404, expose: true })],
    ["undefined", undefined],
    ["null", null],
    ["a string", "hunter2"],
    ["an empty string", ""],
    ["a number", 42],
    ["a symbol", Symbol("hunter2")],
    ["a bigint", 1n],
    ["a function", () => "hunter2"],
    ["a plain object", { code: 5, msg: "hunter2" }],
    ["a circular object", circular()],
    ["an object without prototype", Object.create(null)],
    ["an object whose properties throw", hostile],
    ["a promise", Promise.resolve("hunter2")],
    ["a TwirpError of a code that does not exist", unknownCode],
    ["a TwirpError without a code", withoutCode],
    ["a TwirpError that wraps an unknown error as twirp-ts does", new InternalServerErrorWith(new Error("hunter2"))],
    ["an internal error of ours with its cause", errors.internal(new Error("hunter2"))],
    ["an internal error of ours without a cause", errors.internal(undefined)],
  ])("%s: is internal, says nothing, and is in the log under the id in its meta", async (_what, value) => {
    act = throwing(value);
    const reply = await sendJson(host.port, GET_USER, {});
    expect(reply.status).toBe(500);
    expect(reply.headers["content-type"]).toBe("application/json");
    expect(reply.body.toString()).not.toContain("hunter2");
    const { code, msg, meta } = reply.json() as { code: string; msg: string; meta: { error_id: string } };
    expect({ code, msg }).toEqual({ code: "internal", msg: "internal error" });
    expect(meta).toEqual({ error_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const lines = host.log.filter((line) => line["error_id"] === meta.error_id);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: "error",
      rpc_method: "mcsv.v1.UserService/GetUser",
      request_id: reply.headers["x-request-id"],
    });
  });

  it("is logged with type, message and stack of the real cause", async () => {
    act = throwing(errors.internal(new DatabaseError("duplicate key")));
    await sendJson(host.port, GET_USER, {});
    expect(host.log.at(-1)?.["error"]).toMatchObject({
      type: "DatabaseError",
      message: "duplicate key",
      stack: expect.stringContaining("thrown.test.ts"),
    });
  });

  it.each([
    ["undefined", undefined],
    ["null", null],
    ["a string", "text"],
  ])("is an answer that is %s and no message", async (_what, value) => {
    act = () => value;
    expect((await sendJson(host.port, GET_USER, {})).json()).toMatchObject({ code: "internal", msg: "internal error" });
  });

  it.each([
    ["JSON", () => sendJson(host.port, GET_USER, {})],
    ["protobuf", () => sendProtobuf(host.port, GET_USER, getUserBytes("1"))],
  ])("is an answer that %s cannot carry", async (_codec, call) => {
    act = () => ({ user: { id: 5n, createdAt: { seconds: "x", nanos: {} } } });
    expect((await call()).json()).toMatchObject({ code: "internal", msg: "internal error" });
  });

  it("is a method that the implementation does not have", async () => {
    const reply = await sendJson(host.port, "/twirp/mcsv.v1.UserService/CreateUser", {});
    expect(reply.json()).toMatchObject({ code: "internal", msg: "internal error" });
  });
});

describe("Twirp errors of the implementation", () => {
  it.each(Object.values(TwirpErrorCode))("of code %s pass as they are", async (code) => {
    act = throwing(new TwirpError(code, "it is so").withMeta("fact", "true"));
    const reply = await sendJson(host.port, GET_USER, {});
    expect(reply.json()).toEqual({ code, msg: "it is so", meta: { fact: "true" } });
  });

  it.each<[() => TwirpError, number, unknown]>([
    [
      () => errors.invalidArgument("email", "must be an address"),
      400,
      { code: "invalid_argument", msg: "email must be an address", meta: { argument: "email" } },
    ],
    [() => errors.notFound("user not found"), 404, { code: "not_found", msg: "user not found" }],
    [
      () => errors.alreadyExists("email", "taken"),
      409,
      { code: "already_exists", msg: "taken", meta: { argument: "email" } },
    ],
    [() => errors.failedPrecondition("not yet"), 412, { code: "failed_precondition", msg: "not yet" }],
    [() => errors.resourceExhausted("full"), 429, { code: "resource_exhausted", msg: "full" }],
    [() => errors.permissionDenied("no"), 403, { code: "permission_denied", msg: "no" }],
    [() => errors.unauthenticated("who"), 401, { code: "unauthenticated", msg: "who" }],
    [() => errors.unavailable("away", new Error("hunter2")), 503, { code: "unavailable", msg: "away" }],
    [() => new AppError(), 404, { code: "not_found", msg: "no such thing" }],
  ])("made by our constructors have their status, and no cause (%#)", async (make, status, body) => {
    act = throwing(make());
    const reply = await sendProtobuf(host.port, GET_USER, getUserBytes("1"));
    expect(reply.status).toBe(status);
    expect(reply.headers["content-type"]).toBe("application/json");
    expect(reply.json()).toEqual(body);
  });

  it("never carry a meta.cause that is a message, nor meta that is no text", async () => {
    const meta = { cause: "hunter2", kept: "yes", count: 3, nested: circular(), none: undefined };
    act = throwing(Object.assign(new TwirpError(TwirpErrorCode.NotFound, "gone"), { meta }));
    const reply = await sendJson(host.port, GET_USER, {});
    expect(reply.json()).toEqual({ code: "not_found", msg: "gone", meta: { kept: "yes", count: "3" } });
  });

  it("are known by their shape, whichever copy of the library made them", async () => {
    act = throwing({ code: "not_found", msg: "gone", meta: {} });
    expect((await sendJson(host.port, GET_USER, {})).json()).toEqual({ code: "not_found", msg: "gone" });
  });

  it("that are the server's fault are logged with their cause, others are the caller's business", async () => {
    act = throwing(errors.unavailable("away", new DatabaseError("connection lost")));
    await sendJson(host.port, GET_USER, {});
    expect(host.log).toEqual([
      expect.objectContaining({
        level: "warn",
        error_code: "unavailable",
        error: expect.objectContaining({ type: "DatabaseError", message: "connection lost" }),
      }),
    ]);
    act = throwing(errors.notFound("gone"));
    await sendJson(host.port, GET_USER, {});
    expect(host.log).toHaveLength(1);
  });

  it("that an upstream service answered keep their id", async () => {
    act = throwing(errors.twirpError(TwirpErrorCode.Internal, "internal error", { error_id: "upstream" }));
    expect((await sendJson(host.port, GET_USER, {})).json()).toMatchObject({ meta: { error_id: "upstream" } });
  });

  it("with a message of megabytes are cut", async () => {
    act = throwing(errors.notFound("x".repeat(3_000_000)));
    expect((await sendJson(host.port, GET_USER, {})).body.length).toBeLessThan(1_100_000);
  });
});

it("an implementation that writes to the raw response keeps what it wrote", async () => {
  const own = await startHost({
    GetUser({ res }) {
      res.writeHead(202, { "content-length": "2" });
      res.end("ok");
      throw new Error("late");
    },
  });
  const reply = await sendJson(own.port, GET_USER, {});
  expect(reply.status).toBe(202);
  await own.close();
});
