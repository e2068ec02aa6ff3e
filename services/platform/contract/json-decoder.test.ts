import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { describe, expect, it } from "vitest";
import { ClientService } from "../../../gen/twirp/mcsv/v1/client";
import { EmailService } from "../../../gen/twirp/mcsv/v1/email";
import { JobService } from "../../../gen/twirp/mcsv/v1/job";
import { UserService } from "../../../gen/twirp/mcsv/v1/user";
import { loadContract } from "./load-contract";

const ID = "6f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10";

/** Decodes JSON texts as the host does. */
function decoder(service: ServiceInfo) {
  const { requests } = loadContract(service);
  return (method: string, json: unknown): unknown => {
    const text = typeof json === "string" ? json : JSON.stringify(json);
    return requests.get(`${service.typeName}/${method}`)?.decodeJson(Buffer.from(text));
  };
}

const user = decoder(UserService);
const email = decoder(EmailService);
const job = decoder(JobService);
const client = decoder(ClientService);

/** What decoding throws. */
function thrownBy(decode: () => unknown): unknown {
  try {
    return { decoded: decode() };
  } catch (error) {
    return error;
  }
}

function refusal(argument: string, rule: string) {
  return expect.objectContaining({ code: "invalid_argument", msg: `${argument} ${rule}`, meta: { argument } });
}

describe("decoding JSON", () => {
  it("takes every form that protobuf's JSON has for a value", () => {
    const message = {
      idempotencyKey: "k",
      user_id: null,
      format: "IMAGE_FORMAT_JPEG",
      sizeBytes: "12",
      unknown_field: { a: 1 },
    };
    const decoded = { idempotencyKey: "k", userId: "", format: 2, sizeBytes: 12n };
    expect(user("CreateUpload", message)).toEqual(decoded);
    expect(user("CreateUpload", { ...message, format: 2, sizeBytes: 12 })).toEqual(decoded);
    expect(user("CreateUser", {})).toEqual({ idempotencyKey: "", email: "", name: "" });
  });

  it.each([["{"], [""], ["[]"], ["null"], ['"text"'], ["7"], ["{} {}"]])("has nothing to blame in %j", (text) => {
    expect(thrownBy(() => user("CreateUser", text))).toMatchObject({
      code: "malformed",
      msg: "the json request could not be decoded",
    });
  });

  it.each([
    ["a number for a text", () => user("CreateUser", { email: 42 }), "email", "must be a string"],
    ["a list for a text", () => user("CreateUser", { name: ["Ada"] }), "name", "must be a string"],
    [
      "broken Unicode",
      () => user("CreateUser", '{"idempotencyKey":"\\ud800"}'),
      "idempotency_key",
      "must be well-formed Unicode",
    ],
    ["a negative number", () => job("ListJobs", { page_size: -1 }), "page_size", "must be 0 to 200"],
    ["a fraction", () => job("ListJobs", { pageSize: 1.5 }), "page_size", "must be an integer"],
    ["a word for a number", () => job("ListJobs", { page_size: "many" }), "page_size", "must be an integer"],
    [
      "an integer beyond 64 bits",
      () => user("CreateUpload", { size_bytes: "9223372036854775808" }),
      "size_bytes",
      "must be 1 to 67108864 (64 MiB)",
    ],
    [
      "a value that an enum does not have",
      () => user("CreateUpload", { format: "IMAGE_FORMAT_WEBP" }),
      "format",
      "must be IMAGE_FORMAT_PNG or IMAGE_FORMAT_JPEG",
    ],
    [
      "the same deep within",
      () => user("ConvertImage", { options: { quality: "QUALITY_ULTRA" } }),
      "options.quality",
      "must be QUALITY_LOW, QUALITY_MEDIUM, QUALITY_HIGH or QUALITY_LOSSLESS",
    ],
    [
      "what every object has",
      () => user("ConvertImage", { options: { quality: "toString" } }),
      "options.quality",
      "must be QUALITY_LOW, QUALITY_MEDIUM, QUALITY_HIGH or QUALITY_LOSSLESS",
    ],
    [
      "true for an enum",
      () => user("CreateUpload", { format: true }),
      "format",
      "must be IMAGE_FORMAT_PNG or IMAGE_FORMAT_JPEG",
    ],
    [
      "a text for true or false",
      () => user("ConvertImage", { options: { strip_metadata: "yes" } }),
      "options.strip_metadata",
      "must be true or false",
    ],
    ["a text for a message", () => user("ConvertImage", { options: "best" }), "options", "must be an object"],
    ["bytes that are no base64", () => user("ConvertImage", { image: "§" }), "image", "must be bytes in base64"],
    [
      "a date that is none",
      () => email("SendEmail", { job_id: ID, email: { conversion_complete: { pdf_url_expires_at: "tomorrow" } } }),
      "email.conversion_complete.pdf_url_expires_at",
      'must be a time of the years 1 to 9999 such as "2026-11-23T12:16:24Z"',
    ],
    [
      "a value below that of another service's message",
      () => client("NotifyImageConverted", { conversion: { pdf: { width_px: {} } } }),
      "conversion.pdf.width_px",
      "must be an integer",
    ],
    [
      "two fields of a oneof",
      () => user("GetUser", { id: ID, email: "ada@example.com" }),
      "key",
      "must have only one of id, email",
    ],
  ])("names the field that has %s", (_, decode, argument, rule) => {
    expect(thrownBy(decode)).toEqual(refusal(argument, rule));
  });
});
