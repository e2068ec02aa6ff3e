import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ConversionStatus,
  CreateUploadRequest,
  GetConversionResponse,
  GetUserResponse,
  ListConversionsRequest,
  type UserServiceConvertImageRequest,
} from "../../../../gen/twirp/mcsv/v1/user";
import { GET_USER, getUserBytes, sendJson, sendProtobuf } from "../testing/send";
import { type RunningHost, startHost } from "../testing/start-host";

const SERVICE = "/twirp/mcsv.v1.UserService";
let host: RunningHost;
let received: unknown;
let reached = 0;

beforeAll(async () => {
  host = await startHost({
    GetUser(_ctx, request) {
      reached += 1;
      received = request;
      return Promise.resolve({ user: { id: "7", email: "", name: "Ada", welcomeJobId: "" } });
    },
    CreateUpload(_ctx, request) {
      received = request;
      return Promise.resolve({});
    },
    ListConversions(_ctx, request) {
      received = request;
      return Promise.resolve({ conversions: [], nextPageToken: "" });
    },
    ConvertImage(_ctx, request) {
      received = request;
      return Promise.resolve({});
    },
    GetConversion() {
      return Promise.resolve(GetConversionResponse.create({ conversion: { status: ConversionStatus.PENDING } }));
    },
  });
});
afterAll(() => host.close());

describe("JSON requests", () => {
  it.each([
    ["in names of the .proto file", { user_id: "u", page_size: 3 }],
    ["in camelCase", { userId: "u", pageSize: 3 }],
    ["with numbers as text", { user_id: "u", page_size: "3" }],
    ["with fields that nobody knows", { user_id: "u", page_size: 3, colour: { nested: [1] } }],
    ["with null for fields that are not set", { user_id: "u", page_size: 3, status: null, page_token: null }],
  ])("are read %s", async (_how, body) => {
    expect((await sendJson(host.port, `${SERVICE}/ListConversions`, body)).status).toBe(200);
    expect(received).toEqual(ListConversionsRequest.create({ userId: "u", pageSize: 3 }));
  });

  it.each([["CONVERSION_STATUS_FAILED"], [3]])("take an enum as %j", async (status) => {
    await sendJson(host.port, `${SERVICE}/ListConversions`, { status });
    expect(received).toMatchObject({ status: ConversionStatus.FAILED });
  });

  it("take 64-bit integers as text without losing digits", async () => {
    await sendJson(host.port, `${SERVICE}/CreateUpload`, { size_bytes: "9007199254740993" });
    expect(received).toEqual(CreateUploadRequest.create({ sizeBytes: 9007199254740993n }));
  });

  it("take bytes as base64 of either alphabet", async () => {
    for (const image of ["+/8=", "-_8="]) {
      await sendJson(host.port, `${SERVICE}/ConvertImage`, { image });
      const request = received as UserServiceConvertImageRequest;
      expect(request.source.oneofKind === "image" && Buffer.from(request.source.image).toString("hex")).toBe("fbff");
    }
  });

  it.each([
    ["nothing", ""],
    ["only white space", "  \n"],
    ["null", "null"],
    ["an array", "[]"],
    ["an array of a message", "[{}]"],
    ["a string", '"text"'],
    ["a number", "1"],
    ["a broken object", '{"id": '],
    ["two objects", "{}{}"],
    ["a byte order mark", "\ufeff{}"],
    ["a field of the wrong type", '{"id": {"a": 1}}'],
    ["both fields of a oneof", '{"id": "1", "email": "a@b"}'],
  ])("of %s are malformed, in Go's words and no parser's", async (_what, body) => {
    reached = 0;
    const reply = await sendJson(host.port, GET_USER, body);
    expect(reply.status).toBe(400);
    expect(reply.json()).toEqual({ code: "malformed", msg: "the json request could not be decoded" });
    expect(reached).toBe(0);
  });

  it("that are no UTF-8 are malformed", async () => {
    const body = Buffer.concat([Buffer.from('{"id": "'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    const reply = await sendProtobuf(host.port, GET_USER, body, { "content-type": "application/json" });
    expect(reply.json()).toMatchObject({ code: "malformed" });
  });

  it("nested a hundred thousand deep do no harm", async () => {
    const body = `{"x":${'{"x":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
    expect([200, 400]).toContain((await sendJson(host.port, GET_USER, body)).status);
    expect((await sendJson(host.port, GET_USER, {})).status).toBe(200);
  });
});

describe("JSON answers", () => {
  it("have the names of the .proto file, and fields at their default", async () => {
    const reply = await sendJson(host.port, GET_USER, { id: "7" });
    expect(reply.json()).toEqual({
      user: { id: "7", email: "", name: "Ada", welcome_job_id: "", created_at: null, welcome_delivered_at: null },
    });
    expect(Number(reply.headers["content-length"])).toBe(reply.body.length);
  });

  it("have empty lists, zeros and names of enums", async () => {
    const list = await sendJson(host.port, `${SERVICE}/ListConversions`, {});
    expect(list.json()).toEqual({ conversions: [], next_page_token: "" });
    const get = await sendJson(host.port, `${SERVICE}/GetConversion`, {});
    expect(get.json()).toMatchObject({ conversion: { status: "CONVERSION_STATUS_PENDING", file_name: "" } });
  });
});

describe("protobuf", () => {
  it("is read and answered", async () => {
    const reply = await sendProtobuf(host.port, GET_USER, getUserBytes("7"));
    expect(GetUserResponse.fromBinary(reply.body).user?.name).toBe("Ada");
    expect(received).toEqual({ key: { oneofKind: "id", id: "7" } });
  });

  it("may be empty: every field at its default", async () => {
    expect((await sendProtobuf(host.port, GET_USER, new Uint8Array())).status).toBe(200);
    expect(received).toEqual({ key: { oneofKind: undefined } });
  });

  it.each([
    ["cut short", Buffer.from([0x0a, 0x05, 0x41])],
    ["of an illegal tag", Buffer.from([0x07, 0x01])],
    ["of text that is no UTF-8", Buffer.from([0x0a, 0x02, 0xc3, 0x28])],
    ["of JSON", Buffer.from('{"id":"7"}')],
    ["of an endless varint", Buffer.alloc(32, 0xff)],
    ["of groups that never end", Buffer.alloc(100_000, 0x0b)],
  ])("%s is malformed, in Go's words and no parser's", async (_what, body) => {
    const reply = await sendProtobuf(host.port, GET_USER, body);
    expect(reply.status).toBe(400);
    expect(reply.json()).toEqual({ code: "malformed", msg: "the protobuf request could not be decoded" });
  });
});
