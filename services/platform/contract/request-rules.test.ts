import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { describe, expect, it } from "vitest";
import {
  ClientService,
  ClientServiceNotifyEmailDeliveredRequest,
  ClientServiceNotifyImageConvertedRequest,
} from "../../../gen/twirp/mcsv/v1/client";
import { type Email, EmailService, SendEmailRequest } from "../../../gen/twirp/mcsv/v1/email";
import { ImageService, ImageServiceConvertImageRequest } from "../../../gen/twirp/mcsv/v1/image";
import {
  CreateUploadRequest,
  CreateUserRequest,
  GetUserRequest,
  ListConversionsRequest,
  UserService,
  UserServiceConvertImageRequest,
} from "../../../gen/twirp/mcsv/v1/user";
import { loadContract } from "./load-contract";

const ID = "6f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10";
const MIB = 1024 * 1024;

/** Checks messages as the host does; the error of a check, or undefined. */
function checker(service: ServiceInfo) {
  const { requests } = loadContract(service);
  return (method: string, request: object): unknown => {
    const rules = requests.get(`${service.typeName}/${method}`);
    if (rules === undefined) throw new Error(`no rules for ${method}`);
    try {
      rules.check(request);
    } catch (error) {
      return error;
    }
    return undefined;
  };
}

/** The error that names a field in these words. */
function refusal(argument: string, rule: string) {
  return expect.objectContaining({ code: "invalid_argument", msg: `${argument} ${rule}`, meta: { argument } });
}

const user = checker(UserService);
const email = checker(EmailService);
const image = checker(ImageService);
const client = checker(ClientService);

describe("a request's check", () => {
  const createUser = (over: object) =>
    user(
      "CreateUser",
      CreateUserRequest.create({ idempotencyKey: "key", email: "ada@example.com", name: "Ada", ...over }),
    );

  it.each([
    [{ idempotencyKey: "" }, "idempotency_key", "is required and must have 1 to 200 characters"],
    [{ idempotencyKey: "k".repeat(201) }, "idempotency_key", "must have 1 to 200 characters"],
    [{ idempotencyKey: "a\0b" }, "idempotency_key", "must not have control characters"],
    [{ idempotencyKey: "\ud800" }, "idempotency_key", "must be well-formed Unicode"],
    [
      { email: "" },
      "email",
      'is required and must be one mailbox such as "ada@example.com", without quotes, spaces, display name or list',
    ],
    [{ email: "ada" }, "email", 'must be one mailbox such as "ada@example.com"'],
    [
      { email: "Ada <ada@example.com>" },
      "email",
      'must be one mailbox such as "ada@example.com", without quotes, spaces, display name or list',
    ],
    [{ email: "ada@example" }, "email", 'must have a domain name such as "example.com" after the "@"'],
    [{ email: `${"l".repeat(65)}@example.com` }, "email", 'must have at most 64 characters before the "@"'],
    [{ email: `ada@${"d.".repeat(200)}com` }, "email", "must have at most 254 characters"],
    [{ email: `ada@${"ü".repeat(250)}.com` }, "email", "must have at most 254 characters"],
    [{ name: " \u3000" }, "name", "must not be blank"],
    [{ name: "Ada\r\nBcc: eve@example.org" }, "name", "must not have control characters"],
  ])("tells of %o that %s %s", (over, argument, rule) => {
    expect(createUser(over)).toEqual(refusal(argument, rule));
  });

  it("counts characters, not UTF-16 units", () => {
    const foxes = "🦊".repeat(200);
    expect(createUser({ name: foxes, idempotencyKey: foxes })).toBeUndefined();
    expect(createUser({ name: `${foxes}🦊` })).toEqual(refusal("name", "must have 1 to 200 characters"));
    expect(createUser({ name: "x".repeat(1_000_000) })).toEqual(refusal("name", "must have 1 to 200 characters"));
  });

  it("counts a name in the form in which it is stored", () => {
    // Two code points that become one, and one that becomes two.
    expect(createUser({ name: "e\u0301".repeat(200) })).toBeUndefined();
    expect(createUser({ name: "\u0958".repeat(200) })).toEqual(refusal("name", "must have 1 to 200 characters"));
  });

  it("takes a field at its default for one that is unset", () => {
    const list = (over: object) => user("ListConversions", ListConversionsRequest.create({ userId: ID, ...over }));
    expect(list({ pageSize: 0, pageToken: "", status: 0 })).toBeUndefined();
    expect(list({ pageSize: 201 })).toEqual(refusal("page_size", "must be 0 to 200"));
  });

  it("names a oneof of which nothing is set, and checks a member that is set to its default", () => {
    expect(user("GetUser", GetUserRequest.create())).toEqual(refusal("key", "is required: id or email"));
    expect(user("GetUser", GetUserRequest.create({ key: { oneofKind: "id", id: "" } }))).toEqual(
      refusal("id", "must be a UUID"),
    );
    expect(user("GetUser", GetUserRequest.create({ key: { oneofKind: "email", email: "" } }))).toEqual(
      refusal("email", 'must be one mailbox such as "ada@example.com"'),
    );
  });

  const createUpload = (over: object) =>
    user(
      "CreateUpload",
      CreateUploadRequest.create({ idempotencyKey: "key", userId: ID, format: 1, sizeBytes: 1n, ...over }),
    );

  it("knows the values of an enum by name, and refuses numbers that the contract does not name", () => {
    const rule = "must be IMAGE_FORMAT_PNG or IMAGE_FORMAT_JPEG";
    expect(createUpload({ format: 2 })).toBeUndefined();
    expect(createUpload({ format: 0 })).toEqual(refusal("format", `is required and ${rule}`));
    for (const format of [3, 77, -1, 2 ** 31 - 1]) {
      expect(createUpload({ format })).toEqual(refusal("format", rule));
    }
  });

  it("compares integers of 64 bits with their bounds", () => {
    const rule = "must be 1 to 67108864 (64 MiB)";
    expect(createUpload({ sizeBytes: 67_108_864n })).toBeUndefined();
    expect(createUpload({ sizeBytes: 0n })).toEqual(refusal("size_bytes", `is required and ${rule}`));
    for (const sizeBytes of [67_108_865n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
      expect(createUpload({ sizeBytes })).toEqual(refusal("size_bytes", rule));
    }
  });

  const convertImage = (over: object, bytes = new Uint8Array(1)) =>
    user(
      "ConvertImage",
      UserServiceConvertImageRequest.create({
        idempotencyKey: "key",
        userId: ID,
        fileName: "a.png",
        source: { oneofKind: "image", image: bytes },
        ...over,
      }),
    );

  it.each([
    [{ quality: 5 }, "options.quality", "must be QUALITY_LOW, QUALITY_MEDIUM, QUALITY_HIGH or QUALITY_LOSSLESS"],
    [{ pageSize: -1 }, "options.page_size", "must be PAGE_SIZE_FIT_IMAGE, PAGE_SIZE_A4 or PAGE_SIZE_LETTER"],
    [{ densityDpi: 35 }, "options.density_dpi", "must be 0, or 36 to 1200"],
    [{ densityDpi: 1201 }, "options.density_dpi", "must be 0, or 36 to 1200"],
    [{ maxWidthPx: 12_001 }, "options.max_width_px", "must be 0 to 12000"],
    [{ maxHeightPx: 4_294_967_295 }, "options.max_height_px", "must be 0 to 12000"],
  ])("goes into messages: %o", (options, argument, rule) => {
    expect(convertImage({ options })).toEqual(refusal(argument, rule));
  });

  it("takes options at their bounds, and none", () => {
    expect(
      convertImage({
        options: { quality: 4, pageSize: 3, densityDpi: 1200, maxWidthPx: 12_000, maxHeightPx: 12_000 },
      }),
    ).toBeUndefined();
    expect(convertImage({ options: { densityDpi: 36 } })).toBeUndefined();
    expect(convertImage({})).toBeUndefined();
  });

  it("refuses more bytes than the field may have as resource_exhausted, for good", () => {
    expect(convertImage({}, new Uint8Array(8 * MIB))).toBeUndefined();
    expect(convertImage({}, new Uint8Array(8 * MIB + 1))).toEqual(
      expect.objectContaining({
        code: "resource_exhausted",
        msg: "image must have at most 8 MiB; a larger image goes through CreateUpload",
        meta: { argument: "image", permanent: "true" },
      }),
    );
  });

  it("costs the same whatever the number of bytes", () => {
    const msOf = (bytes: Uint8Array) => {
      const request = UserServiceConvertImageRequest.create({
        idempotencyKey: "key",
        userId: ID,
        fileName: "a.png",
        source: { oneofKind: "image", image: bytes },
      });
      const rounds = Array.from({ length: 5 }, () => {
        const started = performance.now();
        for (let call = 0; call < 2_000; call++) {
          user("ConvertImage", request);
        }
        return performance.now() - started;
      });
      return Math.min(...rounds);
    };
    msOf(new Uint8Array(1));
    // Reading 8 MiB once would cost a thousand times what the check does.
    expect(msOf(new Uint8Array(8 * MIB))).toBeLessThan(20 * msOf(new Uint8Array(1)));
  });
});

describe("the check of a mail", () => {
  const sendEmail = (content: Email["content"], recipient: object = { address: "ada@example.com" }) =>
    email("SendEmail", SendEmailRequest.create({ jobId: ID, email: { recipient, content } }));
  const complete = (over: object) =>
    sendEmail({
      oneofKind: "conversionComplete",
      conversionComplete: { conversionId: ID, fileName: "a.png", pdfUrl: "https://a.example/", pdfBytes: 1n, ...over },
    });

  it.each([
    [email("SendEmail", SendEmailRequest.create({ jobId: ID })), "email", "is required"],
    [sendEmail({ oneofKind: undefined }), "email.content", "is required: welcome, notification or conversion_complete"],
    [
      sendEmail({ oneofKind: "welcome", welcome: {} }, { address: "ada@example.com", name: "a".repeat(201) }),
      "email.recipient.name",
      "must have at most 200 characters",
    ],
    [
      sendEmail({ oneofKind: "notification", notification: { subject: "", message: "m" } }),
      "email.notification.subject",
      "is required and must have 1 to 200 characters",
    ],
    [
      sendEmail({ oneofKind: "notification", notification: { subject: "s", message: "\u0007" } }),
      "email.notification.message",
      "must not have control characters but tabs and line breaks",
    ],
    [complete({ pdfUrl: "javascript:alert(1)" }), "email.conversion_complete.pdf_url", "must be an http or https URL"],
    [
      complete({ pdfUrl: `http://a.example/${"a".repeat(8192)}` }),
      "email.conversion_complete.pdf_url",
      "must have 1 to 8192 characters",
    ],
    [complete({ pdfBytes: -1n }), "email.conversion_complete.pdf_bytes", "must not be negative"],
    [
      complete({ pdfUrlExpiresAt: { seconds: 253_402_300_800n, nanos: 0 } }),
      "email.conversion_complete.pdf_url_expires_at",
      "must be a time of the years 1 to 9999",
    ],
    [
      complete({ pdfUrlExpiresAt: { seconds: 1n, nanos: 1_000_000_000 } }),
      "email.conversion_complete.pdf_url_expires_at",
      "must be a time of the years 1 to 9999",
    ],
  ])("%#: names %s, which %s", (error, argument, rule) => {
    expect(error).toEqual(refusal(argument, rule));
  });

  it("takes times at the ends of what a Timestamp can carry, and a message of several lines", () => {
    for (const seconds of [-62_135_596_800n, 253_402_300_799n]) {
      expect(complete({ pdfUrlExpiresAt: { seconds, nanos: 999_999_999 } })).toBeUndefined();
    }
    const message = "a\r\n\tb".padEnd(10_000, "x");
    expect(sendEmail({ oneofKind: "notification", notification: { subject: "s", message } })).toBeUndefined();
  });
});

describe("the check of a source URL", () => {
  const convert = (sourceUrl: string) =>
    image("ConvertImage", ImageServiceConvertImageRequest.create({ jobId: ID, sourceUrl }));

  it.each([
    ["", "is required and must be an absolute URL"],
    ["mcsv/a", "must be an absolute URL"],
    ["//127.0.0.1:9000/mcsv/a", "must be an absolute URL"],
    ["http://127.0.0.1:9000/mcsv/a\r\nHost: evil", "must be an absolute URL"],
    ["http://127.0.0.1:9000/mcsv/\ta", "must be an absolute URL"],
    ["http://127.0.0.1:9000\\mcsv\\a", "must be an absolute URL"],
    ["http://127.0.0.1:9000/mcsv/\u{ff0e}\u{ff0e}/a", "must be an absolute URL"],
    [`http://127.0.0.1:9000/mcsv/${"a".repeat(8192)}`, "must have 1 to 8192 characters"],
  ])("tells of %j that it %s", (url, rule) => {
    expect(convert(url)).toEqual(refusal("source_url", rule));
  });
});

describe("the check of a callback", () => {
  it("goes into messages of other services, narrowed where the request narrows them", () => {
    const notify = (conversion: object) =>
      client("NotifyImageConverted", ClientServiceNotifyImageConvertedRequest.create({ conversion }));
    const status = "must be CONVERSION_STATUS_COMPLETED or CONVERSION_STATUS_FAILED";
    expect(notify({ id: ID, jobId: ID, status: 2 })).toBeUndefined();
    expect(notify({ id: ID, jobId: ID, status: 1 })).toEqual(refusal("conversion.status", status));
    expect(notify({ id: ID, jobId: "7", status: 2 })).toEqual(refusal("conversion.job_id", "must be a UUID"));
    expect(notify({ id: ID, jobId: ID, status: 2, pdf: { outputBytes: -1n } })).toEqual(
      refusal("conversion.pdf.output_bytes", "must not be negative"),
    );
    expect(client("NotifyEmailDelivered", ClientServiceNotifyEmailDeliveredRequest.create())).toEqual(
      refusal("outcome", "is required: delivery or failure"),
    );
  });
});
