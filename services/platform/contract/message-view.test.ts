import type { IMessageType } from "@protobuf-ts/runtime";
import { describe, expect, it } from "vitest";
import { GetQueueStatsResponse, JobService } from "../../../gen/twirp/mcsv/v1/job";
import {
  Conversion,
  ConversionStatus,
  CreateUploadResponse,
  CreateUserRequest,
  UserService,
  UserServiceConvertImageRequest,
} from "../../../gen/twirp/mcsv/v1/user";
import { compileSchemas } from "./compile-schemas";
import { loadContract } from "./load-contract";
import { MessageViews } from "./message-view";
import { child } from "./spec-node";
import { findUndecodable } from "./undecodable-field";
import { violation } from "./violation";

const ID = "6f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10";
const { document } = loadContract(UserService);
const schemas = child(document, "components", "schemas");
const views = new MessageViews(schemas);

describe("the view of a message", () => {
  it("leaves out what is at its default, and shows the rest under the names of the .proto file", () => {
    const message = Conversion.create({
      id: ID,
      status: ConversionStatus.COMPLETED,
      options: {},
      createdAt: { seconds: 1_763_900_184n, nanos: 120_000_000 },
    });
    expect(views.of(Conversion)(message)).toEqual({
      id: ID,
      status: "CONVERSION_STATUS_COMPLETED",
      options: {},
      created_at: "2025-11-23T12:16:24.120000000Z",
    });
  });

  it("shows numbers of 64 bits as numbers, bytes as their length, and an enum's unknown number as text", () => {
    const message = Conversion.create({ sourceBytes: 482_113n, status: 9 as ConversionStatus });
    expect(views.of(Conversion)(message)).toEqual({ source_bytes: 482_113, status: "9" });
    const image = { oneofKind: "image", image: new Uint8Array(0) } as const;
    expect(views.of(UserServiceConvertImageRequest)(UserServiceConvertImageRequest.create({ source: image }))).toEqual({
      image: 0,
    });
  });

  it("shows lists and maps, whatever their keys", () => {
    const headers = JSON.parse('{ "__proto__": "a", "content-type": "image/png" }') as Record<string, string>;
    const message = CreateUploadResponse.create({ upload: {} });
    Object.assign(message.upload ?? {}, { headers });
    expect(views.of(CreateUploadResponse)(message)).toEqual({ upload: { headers } });
    const queues = [{ queue: "email", ready: 1 }, { queue: "callback" }];
    expect(views.of(GetQueueStatsResponse)(GetQueueStatsResponse.create({ queues }))).toEqual({ queues });
  });

  it("composes the texts whose schema says so, and no others", () => {
    const text = "e\u0301";
    const message = CreateUserRequest.create({ idempotencyKey: text, name: text });
    expect(views.of(CreateUserRequest)(message)).toEqual({ idempotency_key: text, name: "\u00e9" });
  });
});

describe("the path of a field", () => {
  it("has the index of a list's entry and the key of a map's", () => {
    const jobs = loadContract(JobService).document;
    const response = GetQueueStatsResponse.create({ queues: [{ queue: "email" }, { oldestReadyAgeMs: -1n }] });
    const view = new MessageViews(schemas).of(GetQueueStatsResponse)(response);
    const bare = compileSchemas({
      Stats: {
        properties: { queues: { items: { properties: { oldest_ready_age_ms: { minimum: 0 } } } } },
      },
      Headers: { additionalProperties: { maxLength: 1 } },
    });
    expect(violation(bare.compile("Stats")(view), view, jobs)).toMatchObject({
      msg: "queues[1].oldest_ready_age_ms must be at least 0",
      meta: { argument: "queues[1].oldest_ready_age_ms" },
    });
    const headers = { "content-type": "image/png" };
    expect(violation(bare.compile("Headers")(headers), headers, jobs)).toMatchObject({
      msg: '["content-type"] must have at most 1 character',
    });
  });

  it.each([
    [{ queues: {} }, "queues", "must be a list"],
    [{ queues: [{}, "email"] }, "queues[1]", "must be an object"],
    [{ queues: [{}, { ready: -1 }] }, "queues[1].ready", "must be 0 to 4294967295"],
    [{ queues: [null] }, "queues[0]", "must be an object"],
  ])("has them in %j, which cannot be decoded", (json, path, rule) => {
    expect(findUndecodable(GetQueueStatsResponse, json, loadContract(JobService).document)).toEqual({ path, rule });
  });

  it("has a map's key where its value cannot be decoded", () => {
    const type: IMessageType<object> = CreateUploadResponse;
    const json = { upload: { headers: { "content-length": 7 } } };
    expect(findUndecodable(type, json, document)).toEqual({
      path: 'upload.headers["content-length"]',
      rule: "must be a string",
    });
  });
});
