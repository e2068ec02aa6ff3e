import { randomUUID } from "node:crypto";
import type { PartialMessage } from "@protobuf-ts/runtime";
import { describe, expect, it } from "vitest";
import { EmailDelivery } from "../../gen/twirp/mcsv/v1/email";
import { ConvertedPdf, type ImageFormat } from "../../gen/twirp/mcsv/v1/image";
import {
  type ConversionStatus,
  CreateUploadRequest,
  CreateUserRequest,
  GetConversionRequest,
  GetUserRequest,
  ListConversionsRequest,
  UserService as UserContract,
  UserServiceConvertImageRequest,
  UserServiceNotifyEmailDeliveredRequest,
  UserServiceNotifyImageConvertedRequest,
} from "../../gen/twirp/mcsv/v1/user";
import { loadContract } from "../platform/contract/load-contract";
import * as requests from "./requests";
import { JPEG, PNG, pngOf } from "./testing/images";

const MIB = 1024 * 1024;
const ID = randomUUID();
const CALLER = { role: "user", userId: ID } as const;

const contract = loadContract(UserContract);

/** A request that has passed the check of its method, as the implementation gets it. */
function checked<T extends object>(method: string, request: T): T {
  contract.requests.get(`${UserContract.typeName}/${method}`)?.check(request);
  return request;
}

/** Expects invalid_argument for the field. */
function refusal(check: () => unknown, argument: string): void {
  expect(check).toThrow(expect.objectContaining({ code: "invalid_argument", meta: { argument } }));
}

describe("readCreateUser", () => {
  const check = (over: PartialMessage<CreateUserRequest>) =>
    requests.readCreateUser(
      checked(
        "CreateUser",
        CreateUserRequest.create({ idempotencyKey: "key", email: "ada@example.com", name: "Ada", ...over }),
      ),
    );

  it("counts characters, not UTF-16 units", () => {
    const name = "\u{1F600}".repeat(200);
    expect(check({ name, idempotencyKey: name })).toEqual({ idempotencyKey: name, email: "ada@example.com", name });
    refusal(() => check({ name: `${name}x` }), "name");
    refusal(() => check({ idempotencyKey: `${name}x` }), "idempotency_key");
  });

  it.each([
    ["idempotency_key", { idempotencyKey: "" }],
    ["idempotency_key", { idempotencyKey: "a\0b" }],
    ["idempotency_key", { idempotencyKey: "\ud800" }],
    ["email", { email: "" }],
    ["email", { email: "ada@example.com, eve@example.org" }],
    ["name", { name: "" }],
    ["name", { name: " \u3000" }],
    ["name", { name: "Ada\r\nBcc: eve@example.org" }],
    ["name", { name: "Ada\u2028Lovelace" }],
    ["name", { name: "\udc00Ada" }],
    ["name", { name: "x".repeat(500_000) }],
  ])("names %s when it is %j", (argument, over) => {
    refusal(() => check(over), argument);
  });
});

describe("readGetUser", () => {
  it("wants exactly one key", () => {
    refusal(() => requests.readGetUser(checked("GetUser", GetUserRequest.create())), "key");
    refusal(() => requests.readGetUser(checked("GetUser", { key: { oneofKind: "id", id: "1" } })), "id");
    expect(requests.readGetUser(checked("GetUser", { key: { oneofKind: "id", id: ID.toUpperCase() } }))).toEqual({
      id: ID,
    });
  });
});

describe("readCreateUpload", () => {
  const check = (over: PartialMessage<CreateUploadRequest>) =>
    requests.readCreateUpload(
      checked("CreateUpload", CreateUploadRequest.create({ idempotencyKey: "key", format: 1, sizeBytes: 1n, ...over })),
      CALLER,
    );

  it("takes 1 byte to 64 MiB", () => {
    expect(check({ sizeBytes: BigInt(64 * MIB), format: 2 })).toMatchObject({ sizeBytes: 64 * MIB, format: "jpeg" });
    refusal(() => check({ sizeBytes: 0n }), "size_bytes");
    refusal(() => check({ sizeBytes: -1n }), "size_bytes");
    refusal(() => check({ sizeBytes: BigInt(64 * MIB + 1) }), "size_bytes");
    refusal(() => check({ sizeBytes: 2n ** 62n }), "size_bytes");
  });

  it("makes the caller the owner, and refuses to make anybody else", () => {
    expect(check({}).userId).toBe(ID);
    expect(check({ userId: ID.toUpperCase() }).userId).toBe(ID);
    expect(() => check({ userId: randomUUID() })).toThrow(expect.objectContaining({ code: "permission_denied" }));
  });

  it("wants a format that it knows", () => {
    refusal(() => check({ format: 0 }), "format");
    refusal(() => check({ format: 7 as ImageFormat }), "format");
  });
});

describe("readConvertImage", () => {
  const inline = (image: Uint8Array) => ({ oneofKind: "image" as const, image });
  const check = (over: PartialMessage<UserServiceConvertImageRequest>) =>
    requests.readConvertImage(
      checked(
        "ConvertImage",
        UserServiceConvertImageRequest.create({
          idempotencyKey: "key",
          fileName: "a.png",
          source: inline(PNG),
          ...over,
        }),
      ),
      CALLER,
    );

  it("tells the format by the first bytes, not by the name", () => {
    expect(check({ fileName: "a.png", source: inline(JPEG) })).toMatchObject({ source: { format: "jpeg" } });
    expect(check({ fileName: "a.jpg" })).toMatchObject({ source: { format: "png" } });
    for (const image of ["", "GIF89a", "<svg xmlns=...", "%PDF-1.7", "\x89PN", "\xff\xd8"]) {
      refusal(() => check({ source: inline(Buffer.from(image, "latin1")) }), "image");
    }
  });

  it("takes an inline image of exactly 8 MiB and no more", () => {
    expect(check({ source: inline(pngOf(8 * MIB)) })).toMatchObject({ source: { kind: "inline" } });
    expect(() => check({ source: inline(pngOf(8 * MIB + 1)) })).toThrow(
      expect.objectContaining({ code: "resource_exhausted", msg: expect.stringContaining("8 MiB") }),
    );
  });

  it.each([
    ["source", { source: { oneofKind: undefined } }],
    ["upload_id", { source: { oneofKind: "uploadId", uploadId: "1" } }],
    ["file_name", { fileName: "" }],
    ["file_name", { fileName: "../a.png" }],
    ["file_name", { fileName: "a\n.png" }],
    ["file_name", { fileName: "x".repeat(256) }],
    ["options.quality", { options: { quality: 5 } }],
    ["options.page_size", { options: { pageSize: -1 } }],
    ["options.density_dpi", { options: { densityDpi: 35 } }],
    ["options.density_dpi", { options: { densityDpi: 1201 } }],
    ["options.max_width_px", { options: { maxWidthPx: 12_001 } }],
    ["options.max_height_px", { options: { maxHeightPx: 12_001 } }],
  ] as [string, PartialMessage<UserServiceConvertImageRequest>][])("names %s when it is wrong", (argument, over) => {
    refusal(() => check(over), argument);
  });

  it("takes options at their bounds, and no options", () => {
    const options = { quality: 4, pageSize: 3, densityDpi: 1200, maxWidthPx: 12_000, maxHeightPx: 12_000 };
    expect(check({ options })).toMatchObject({ options });
    expect(check({})).toMatchObject({ options: { quality: 0, densityDpi: 0 } });
  });
});

describe("readListConversions", () => {
  const check = (over: PartialMessage<ListConversionsRequest>) =>
    requests.readListConversions(checked("ListConversions", ListConversionsRequest.create(over)), CALLER);

  it("stands 50 for 0, and takes at most 200", () => {
    expect(check({}).pageSize).toBe(50);
    expect(check({ pageSize: 200 }).pageSize).toBe(200);
    refusal(() => check({ pageSize: 201 }), "page_size");
  });

  it("names what is wrong", () => {
    refusal(() => check({ status: 9 as ConversionStatus }), "status");
    refusal(() => check({ pageToken: "!" }), "page_token");
    refusal(() => requests.readGetConversion(checked("GetConversion", GetConversionRequest.create())), "conversion_id");
  });
});

describe("readNotifyEmailDelivered", () => {
  const check = (over: PartialMessage<UserServiceNotifyEmailDeliveredRequest>) =>
    requests.readNotifyEmailDelivered(
      checked(
        "NotifyEmailDelivered",
        UserServiceNotifyEmailDeliveredRequest.create({
          jobId: ID,
          userId: ID,
          outcome: { oneofKind: "failure", failure: { code: "unavailable", message: "m" } },
          ...over,
        }),
      ),
    );

  it("names what is wrong", () => {
    refusal(() => check({ jobId: "" }), "job_id");
    refusal(() => check({ outcome: { oneofKind: undefined } }), "outcome");
    for (const seconds of [2n ** 62n, -(2n ** 62n), 253402300800n]) {
      const delivery = EmailDelivery.create({ deliveredAt: { seconds, nanos: 0 } });
      refusal(() => check({ outcome: { oneofKind: "delivery", delivery } }), "delivery.delivered_at");
    }
  });

  it("makes a failure fit to be stored", () => {
    const failure = { code: "", message: `a\0b\ud800${"x".repeat(10_000)}` };
    const { outcome } = check({ outcome: { oneofKind: "failure", failure } });
    expect(outcome).toMatchObject({ failure: { code: "unknown", message: expect.stringMatching(/^a b x{1996}$/) } });
  });
});

describe("readNotifyImageConverted", () => {
  const pdfAt = (objectKey: string) => ({ oneofKind: "pdf" as const, pdf: ConvertedPdf.create({ objectKey }) });
  const check = (over: PartialMessage<UserServiceNotifyImageConvertedRequest>) =>
    requests.readNotifyImageConverted(
      checked(
        "NotifyImageConverted",
        UserServiceNotifyImageConvertedRequest.create({
          jobId: ID,
          conversionId: ID,
          outcome: pdfAt(`pdf/${ID}.pdf`),
          ...over,
        }),
      ),
    );

  it("takes no PDF but the job's own", () => {
    expect(check({}).outcome.kind).toBe("completed");
    for (const objectKey of ["", "uploads/secret", `pdf/${randomUUID()}.pdf`]) {
      refusal(() => check({ outcome: pdfAt(objectKey) }), "pdf.object_key");
    }
    const { pdf } = pdfAt(`pdf/${ID}.pdf`);
    refusal(() => check({ outcome: { oneofKind: "pdf", pdf: { ...pdf, outputBytes: -1n } } }), "pdf.output_bytes");
  });

  it("names what is wrong", () => {
    refusal(() => check({ jobId: "" }), "job_id");
    refusal(() => check({ conversionId: "" }), "conversion_id");
    refusal(() => check({ outcome: { oneofKind: undefined } }), "outcome");
  });
});
