import type { IMessageType, JsonObject } from "@protobuf-ts/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorizationFor } from "./authorization-for";
import { CONTRACT_SERVICES } from "./contract-messages";
import { type RunningApps, startAllApps } from "./start-all-apps";

const ID = "6f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10";
const welcome = { recipient: { address: "ada@example.com" }, welcome: {} };
const complete = {
  conversion_id: ID,
  file_name: "a.png",
  pdf_url: "https://files.example/a.pdf",
  pdf_url_expires_at: "2026-11-23T12:16:24Z",
};

/** Requests that can be decoded and break a rule: the method, the request, and the field that the answer must name. */
const BAD_REQUESTS: readonly (readonly [method: string, request: JsonObject, argument: string])[] = [
  ["UserService/CreateUser", { idempotency_key: "k", email: "ada at example.com", name: "Ada" }, "email"],
  ["UserService/CreateUser", { idempotency_key: "k", email: "ada@example.com", name: "\u2028" }, "name"],
  ["UserService/CreateUser", { email: "ada@example.com", name: "Ada" }, "idempotency_key"],
  ["UserService/CreateAccessToken", { user_id: "me" }, "user_id"],
  ["UserService/GetUser", {}, "key"],
  ["UserService/GetUser", { email: "ada" }, "email"],
  ["UserService/CreateUpload", { idempotency_key: "k", format: 9, size_bytes: "1" }, "format"],
  ["UserService/CreateUpload", { idempotency_key: "k", format: 1, size_bytes: "67108865" }, "size_bytes"],
  ["UserService/ConvertImage", { idempotency_key: "k", file_name: "a.png" }, "source"],
  ["UserService/ConvertImage", { idempotency_key: "k", file_name: "a/b", upload_id: ID }, "file_name"],
  [
    "UserService/ConvertImage",
    { idempotency_key: "k", file_name: "a", upload_id: ID, options: { density_dpi: 7 } },
    "options.density_dpi",
  ],
  ["UserService/GetConversion", { conversion_id: "7" }, "conversion_id"],
  ["UserService/ListConversions", { page_size: 201 }, "page_size"],
  ["UserService/ListConversions", { status: 9 }, "status"],
  [
    "UserService/NotifyEmailDelivered",
    { job_id: ID, user_id: ID, delivery: { recipient_address: "ada at example.com" } },
    "delivery.recipient_address",
  ],
  ["UserService/NotifyEmailDelivered", { job_id: ID, user_id: ID }, "outcome"],
  ["UserService/NotifyImageConverted", { job_id: ID, conversion_id: "x", failure: {} }, "conversion_id"],
  [
    "UserService/NotifyImageConverted",
    { job_id: ID, conversion_id: ID, pdf: { output_bytes: "-1" } },
    "pdf.output_bytes",
  ],
  [
    "JobService/EnqueueEmail",
    { idempotency_key: "k", user_id: ID, email: { ...welcome, recipient: { address: "ada" } } },
    "email.recipient.address",
  ],
  ["JobService/EnqueueEmail", { idempotency_key: "k", user_id: ID }, "email"],
  [
    "JobService/EnqueueEmail",
    {
      idempotency_key: "k",
      user_id: ID,
      email: {
        recipient: welcome.recipient,
        conversion_complete: { conversion_id: ID, file_name: "a.png", pdf_url: complete.pdf_url },
      },
    },
    "email.conversion_complete.pdf_url_expires_at",
  ],
  [
    "JobService/EnqueueImageConversion",
    { idempotency_key: "k", user_id: ID, conversion_id: ID, source_url: "ftp://files.example/a.png" },
    "source_url",
  ],
  ["JobService/GetJob", { job_id: "1; DROP TABLE" }, "job_id"],
  ["JobService/ListJobs", { queue: "emails" }, "queue"],
  ["JobService/ListJobs", { state: 77 }, "state"],
  ["JobService/RedriveQueue", { queue: "emails" }, "queue"],
  ["JobService/GetJobHistory", { job_id: "7" }, "job_id"],
  ["JobService/SearchJobEvents", { page_size: 1001 }, "page_size"],
  ["JobService/SearchJobEvents", { filter: { types: [2, 99] } }, "filter.types[1]"],
  ["JobService/CancelJob", {}, "job_id"],
  ["JobService/RetryJob", { job_id: ID, reason: "a\0b" }, "reason"],
  ["JobService/ReplayJobs", { request_key: "k", limit: 10_001 }, "limit"],
  ["JobService/PauseQueue", { queue: "email-dead" }, "queue"],
  ["JobService/ResumeQueue", {}, "queue"],
  ["EmailService/SendEmail", { job_id: ID, email: { ...welcome, recipient: {} } }, "email.recipient.address"],
  [
    "EmailService/SendEmail",
    {
      job_id: ID,
      email: {
        recipient: welcome.recipient,
        conversion_complete: { ...complete, pdf_url: "https://a:b@files.example/" },
      },
    },
    "email.conversion_complete.pdf_url",
  ],
  [
    "EmailService/SendEmail",
    { job_id: ID, email: { recipient: welcome.recipient, notification: { subject: "a\nBcc: b", message: "m" } } },
    "email.notification.subject",
  ],
  ["ImageService/ConvertImage", { job_id: ID, source_url: "mcsv/a.png" }, "source_url"],
  [
    "ImageService/ConvertImage",
    { job_id: ID, source_url: "http://127.0.0.1:9000/mcsv/a", options: { page_size: 9 } },
    "options.page_size",
  ],
  [
    "ClientService/NotifyEmailDelivered",
    { job_id: ID, user_id: ID, delivery: { recipient_address: "ada at example.com" } },
    "delivery.recipient_address",
  ],
  ["ClientService/NotifyEmailDelivered", { job_id: "x", user_id: ID, failure: {} }, "job_id"],
  [
    "ClientService/NotifyImageConverted",
    { conversion: { id: ID, job_id: ID, status: "CONVERSION_STATUS_PENDING" } },
    "conversion.status",
  ],
];

/** Requests whose JSON does not fit the message at all. */
const UNDECODABLE: typeof BAD_REQUESTS = [
  ["UserService/CreateUser", { idempotency_key: "k", email: 42, name: "Ada" }, "email"],
  ["JobService/EnqueueEmail", { email: { recipient: { address: ["ada@example.com"] } } }, "email.recipient.address"],
  ["EmailService/SendEmail", { email: "ada@example.com" }, "email"],
  ["ImageService/ConvertImage", { options: { quality: "QUALITY_ULTRA" } }, "options.quality"],
  ["ClientService/NotifyEmailDelivered", { delivery: { delivered_at: "today" } }, "delivery.delivered_at"],
];

let running: RunningApps;
beforeAll(async () => {
  running = await startAllApps();
});
afterAll(() => running.stop());

/** Calls a method as somebody whom it admits. */
async function call(method: string, contentType: string, body: string | Uint8Array<ArrayBuffer>) {
  const fullName = `mcsv.v1.${method}`;
  const app = running.apps.find(({ contract }) => fullName.startsWith(`${contract.typeName}/`));
  if (app === undefined) throw new Error(`nobody serves ${fullName}`);
  const [role] = app.spec.operations.get(fullName)?.callers ?? [];
  if (role === undefined) throw new Error(`nobody may call ${fullName}`);
  const authorization = await authorizationFor(running.auth, role, app.service);
  const response = await fetch(`http://127.0.0.1:${app.port}/twirp/${fullName}`, {
    method: "POST",
    headers: { "content-type": contentType, authorization },
    body,
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

function messageType(method: string): IMessageType<object> {
  const [service, name] = method.split("/");
  const info = CONTRACT_SERVICES.find(({ typeName }) => typeName === `mcsv.v1.${service}`);
  const type = info?.methods.find((candidate) => candidate.name === name)?.I;
  if (type === undefined) throw new Error(`no method ${method}`);
  return type as IMessageType<object>;
}

/** The answer that names a field. */
function naming(argument: string) {
  return {
    status: 400,
    answer: {
      code: "invalid_argument",
      msg: expect.stringMatching(new RegExp(`^${argument.replace(/[.[\]]/g, "\\$&")} (?:must|is required)`)),
      meta: { argument },
    },
  };
}

describe("a request that breaks a rule", () => {
  it.each(BAD_REQUESTS)(
    "of %s is refused: %j names %s, in JSON and in protobuf alike",
    async (method, request, argument) => {
      const inJson = await call(method, "application/json", JSON.stringify(request));
      expect(inJson).toEqual(naming(argument));
      const bytes = messageType(method).toBinary(messageType(method).fromJson(request));
      expect(await call(method, "application/protobuf", Uint8Array.from(bytes))).toEqual(inJson);
    },
  );

  it("there is one of every method that has rules", () => {
    const tried = new Set(BAD_REQUESTS.map(([method]) => `mcsv.v1.${method}`));
    const withFields = CONTRACT_SERVICES.flatMap((service) =>
      service.methods
        .filter(({ I }) => (I as IMessageType<object>).fields.length > 0)
        .map(({ name }) => `${service.typeName}/${name}`),
    );
    expect(withFields.filter((method) => !tried.has(method))).toEqual([]);
  });
});

describe("JSON that does not fit the message", () => {
  it.each(UNDECODABLE)("of %s is refused: %j names %s", async (method, request, argument) => {
    expect(await call(method, "application/json", JSON.stringify(request))).toEqual(naming(argument));
  });
});
