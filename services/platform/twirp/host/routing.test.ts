import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET_USER, getUserBytes, type Sending, send, sendJson, sendProtobuf } from "../testing/send";
import { type RunningHost, startHost } from "../testing/start-host";

let host: RunningHost;
beforeAll(async () => {
  host = await startHost({ GetUser: async () => ({}) });
});
afterAll(() => host.close());

function badRoute(message: string, route: string) {
  return { code: "bad_route", msg: message, meta: { twirp_invalid_route: route } };
}

describe("a path below /twirp that is no method", () => {
  it.each([
    ["/twirp"],
    ["/twirp/"],
    ["/twirp/mcsv.v1.UserService"],
    ["/twirp/mcsv.v1.UserService/"],
    ["/twirp/mcsv.v1.UserService/NoSuchMethod"],
    ["/twirp/mcsv.v1.UserService/getUser"],
    ["/twirp/mcsv.v1.UserService/GetUser/"],
    ["/twirp/mcsv.v1.NoSuchService/GetUser"],
    ["/twirp/UserService/GetUser"],
    ["/twirp//GetUser"],
    ["/twirp/constructor"],
    ["/twirp/mcsv.v1.UserService/constructor"],
    ["/twirp/mcsv.v1.UserService/__proto__"],
  ])("%s is answered with bad_route as JSON", async (path) => {
    const reply = await sendJson(host.port, path, {});
    expect(reply.status).toBe(404);
    expect(reply.headers["content-type"]).toBe("application/json");
    expect(reply.json()).toEqual(badRoute(`no handler for path "${path}"`, `POST ${path}`));
  });

  it("with another prefix is told so, as Go does", async () => {
    const path = "/twirp/v2/mcsv.v1.UserService/GetUser";
    const reply = await sendJson(host.port, path, {});
    const message = `invalid path prefix "/twirp/v2", expected "/twirp", on path "${path}"`;
    expect(reply.json()).toEqual(badRoute(message, `POST ${path}`));
  });

  it("does not name the query string", async () => {
    const reply = await sendJson(host.port, "/twirp/nothing?token=secret", {});
    expect(reply.body.toString()).not.toContain("secret");
  });
});

describe("paths elsewhere", () => {
  it.each([["/"], ["/twirpish"], ["/twir"], ["/api/twirp/mcsv.v1.UserService/GetUser"]])(
    "%s go on to Koa",
    async (path) => {
      const reply = await sendJson(host.port, path, {});
      expect(reply.body.toString()).toBe("not twirp");
    },
  );
});

describe("HTTP methods", () => {
  it.each([["GET"], ["PUT"], ["DELETE"], ["PATCH"], ["OPTIONS"]])("%s is bad_route", async (method) => {
    const reply = await send(host.port, GET_USER, { method });
    expect(reply.status).toBe(404);
    expect(reply.json()).toEqual(
      badRoute(`unsupported method "${method}" (only POST is allowed)`, `${method} ${GET_USER}`),
    );
  });

  it("HEAD is answered without a body", async () => {
    const reply = await send(host.port, GET_USER, { method: "HEAD" });
    expect(reply.status).toBe(404);
    expect(reply.body).toHaveLength(0);
  });
});

describe("the path of a method", () => {
  it.each([
    [`${GET_USER}?`],
    [`${GET_USER}?a=b&c=/d`],
    [`${GET_USER}?/twirp/x`],
    ["/twirp/mcsv.v1.UserService/Get%55ser"],
    [`http://localhost${GET_USER}`],
    [`http://localhost${GET_USER}?a=b`],
  ])("%s reaches it", async (path) => {
    expect((await sendJson(host.port, path, {})).status).toBe(200);
  });

  it("with a broken percent-encoding does not", async () => {
    const reply = await sendJson(host.port, "/twirp/%E0%A4%A", {});
    expect(reply.json()).toMatchObject({ code: "bad_route" });
  });
});

describe("Content-Type", () => {
  it.each([
    ["application/json"],
    ["application/json; charset=utf-8"],
    ["application/json;charset=UTF-8"],
    ["Application/JSON"],
    [" application/json ; x=y"],
  ])("%j is JSON", async (contentType) => {
    const reply = await sendJson(host.port, GET_USER, {}, { "content-type": contentType });
    expect(reply.status).toBe(200);
    expect(reply.headers["content-type"]).toBe("application/json");
  });

  it.each([["application/protobuf"], ["APPLICATION/PROTOBUF"], ["application/protobuf; proto=mcsv.v1.GetUserRequest"]])(
    "%j is protobuf",
    async (contentType) => {
      const reply = await sendProtobuf(host.port, GET_USER, getUserBytes("1"), { "content-type": contentType });
      expect(reply.status).toBe(200);
      expect(reply.headers["content-type"]).toBe("application/protobuf");
    },
  );

  it.each([
    ["text/plain"],
    ["application/json2"],
    ["application/x-protobuf"],
    ["; application/json"],
    ["application/grpc"],
  ])("%j is bad_route", async (contentType) => {
    const sending: Sending = { headers: { "content-type": contentType }, body: "{}" };
    const reply = await send(host.port, GET_USER, sending);
    expect(reply.status).toBe(404);
    expect(reply.json()).toEqual(badRoute(`unexpected Content-Type: "${contentType}"`, `POST ${GET_USER}`));
  });

  it("that is missing is bad_route", async () => {
    const reply = await send(host.port, GET_USER, { body: "{}" });
    expect(reply.json()).toEqual(badRoute(`unexpected Content-Type: ""`, `POST ${GET_USER}`));
  });
});

it("a service cannot be hosted twice, nor limits be given for a method that does not exist", async () => {
  await expect(startHost({}, { service: { methods: { Nope: { maxBodyBytes: 1 } } } })).rejects.toThrow("Nope");
});

it("a method without rules is not hosted where there is a contract", async () => {
  await expect(startHost({}, { requests: new Map() })).rejects.toThrow(
    "the contract has no method mcsv.v1.UserService/",
  );
});
