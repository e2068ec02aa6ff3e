import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import { Email, NotificationEmail } from "../../gen/twirp/mcsv/v1/email";
import { ConversionOptions, type PageSize, type Quality } from "../../gen/twirp/mcsv/v1/image";
import { JobService as JobContract, JobState, type ListJobsRequest } from "../../gen/twirp/mcsv/v1/job";
import { loadContract } from "../platform/contract/load-contract";
import { encodePageToken } from "../platform/paging/page-token";
import * as requests from "./requests";
import { conversionOrder, emailOrder, welcome } from "./testing/orders";

const APPLICATION = { role: "application", name: "test" } as const;
const UUID = "6F9619FF-8B86-4011-B42D-00CF4FC964FF";
const contract = loadContract(JobContract);
/** A request that has passed the check of its method, as the implementation gets it. */
function checked<T extends object>(method: string, request: T): T {
  contract.requests.get(`${JobContract.typeName}/${method}`)?.check(request);
  return request;
}
const refused = (argument: string) => expect.objectContaining({ code: "invalid_argument", meta: { argument } });
/** Runs a check and returns what it throws. */
function thrownBy(check: () => unknown): unknown {
  try {
    check();
  } catch (error) {
    return error;
  }
  return undefined;
}
const notification = (over: Partial<NotificationEmail>) =>
  Email.create({
    recipient: { address: "ada@example.com" },
    content: {
      oneofKind: "notification",
      notification: NotificationEmail.create({ subject: "s", message: "m", ...over }),
    },
  });
const complete = (over: object) =>
  Email.create({
    recipient: { address: "ada@example.com" },
    content: {
      oneofKind: "conversionComplete",
      conversionComplete: {
        conversionId: UUID,
        fileName: "cat.png",
        pdfUrl: "https://s3.example/pdf?X-Amz-Signature=1",
        pdfUrlExpiresAt: Timestamp.fromDate(new Date()),
        pdfBytes: 1n,
        ...over,
      },
    },
  });

describe("readEnqueueEmail", () => {
  it.each([
    ["a welcome", welcome("ada@example.com")],
    ["an address with a plus, dots and an international domain in ASCII", welcome("ada.l+mcsv@xn--bcher-kva.example")],
    [
      "an address of 254 characters",
      welcome(`a@${"d".repeat(60)}.${"d".repeat(60)}.${"d".repeat(60)}.${"d".repeat(60)}.example`),
    ],
    [
      "a name of 200 characters beyond the basic plane",
      Email.create({ ...welcome("a@b.c"), recipient: { address: "a@b.c", name: "🦊".repeat(200) } }),
    ],
    [
      "a message of 10,000 characters with line breaks and tabs",
      notification({ message: "a\r\n\tb".padEnd(10_000, "x") }),
    ],
    ["a conversion", complete({})],
  ])("takes %s", (_, email) => {
    expect(requests.readEnqueueEmail(checked("EnqueueEmail", emailOrder({ email }))).email).toEqual(email);
  });

  it("brings an international domain into its ASCII form", () => {
    const { email } = requests.readEnqueueEmail(
      checked("EnqueueEmail", emailOrder({ email: welcome("ada@Bücher.example") })),
    );
    expect(email.recipient?.address).toBe("ada@xn--bcher-kva.example");
  });

  it("brings ids into lower case", () => {
    expect(requests.readEnqueueEmail(checked("EnqueueEmail", emailOrder({ userId: UUID }))).userId).toBe(
      UUID.toLowerCase(),
    );
  });

  it.each([
    ["idempotency_key", { idempotencyKey: "" }],
    ["idempotency_key", { idempotencyKey: "k".repeat(201) }],
    ["idempotency_key", { idempotencyKey: "a\u0000b" }],
    ["idempotency_key", { idempotencyKey: "\ud800" }],
    ["user_id", { userId: "" }],
    ["user_id", { userId: "42" }],
    ["email.recipient", { email: Email.create({ content: { oneofKind: "welcome", welcome: {} } }) }],
    ["email.content", { email: Email.create({ recipient: { address: "ada@example.com" } }) }],
    [
      "email.recipient.name",
      { email: Email.create({ ...welcome("a@b.c"), recipient: { address: "a@b.c", name: "n".repeat(201) } }) },
    ],
    [
      "email.recipient.name",
      { email: Email.create({ ...welcome("a@b.c"), recipient: { address: "a@b.c", name: "A\nB" } }) },
    ],
    ["email.notification.subject", { email: notification({ subject: "" }) }],
    ["email.notification.subject", { email: notification({ subject: "s".repeat(201) }) }],
    ["email.notification.subject", { email: notification({ subject: "a\nBcc: b" }) }],
    ["email.notification.message", { email: notification({ message: "" }) }],
    ["email.notification.message", { email: notification({ message: "m".repeat(10_001) }) }],
    ["email.notification.message", { email: notification({ message: "a\u0000b" }) }],
    ["email.conversion_complete.conversion_id", { email: complete({ conversionId: "x" }) }],
    ["email.conversion_complete.file_name", { email: complete({ fileName: "" }) }],
    ["email.conversion_complete.pdf_url", { email: complete({ pdfUrl: "javascript:alert(1)" }) }],
    ["email.conversion_complete.pdf_url", { email: complete({ pdfUrl: "" }) }],
    ["email.conversion_complete.pdf_url_expires_at", { email: complete({ pdfUrlExpiresAt: undefined }) }],
    [
      "email.conversion_complete.pdf_url_expires_at",
      { email: complete({ pdfUrlExpiresAt: { seconds: 1n, nanos: -1 } }) },
    ],
    [
      "email.conversion_complete.pdf_url_expires_at",
      { email: complete({ pdfUrlExpiresAt: { seconds: 2n ** 60n, nanos: 0 } }) },
    ],
    ["email.conversion_complete.pdf_bytes", { email: complete({ pdfBytes: -1n }) }],
  ])("names %s when it is wrong", (argument, over) => {
    expect(thrownBy(() => requests.readEnqueueEmail(checked("EnqueueEmail", emailOrder(over))))).toEqual(
      refused(argument),
    );
  });

  it("names email when there is none", () => {
    const { email: _, ...order } = emailOrder();
    expect(thrownBy(() => requests.readEnqueueEmail(checked("EnqueueEmail", order)))).toEqual(refused("email"));
  });
});

describe("readEnqueueImageConversion", () => {
  it("takes options at their bounds, and none", () => {
    const options = ConversionOptions.create({
      quality: 4,
      pageSize: 3,
      densityDpi: 1200,
      maxWidthPx: 12_000,
      maxHeightPx: 12_000,
    });
    expect(
      requests.readEnqueueImageConversion(checked("EnqueueImageConversion", conversionOrder({ options }))).options,
    ).toEqual(options);
    const { options: _, ...order } = conversionOrder();
    expect(requests.readEnqueueImageConversion(checked("EnqueueImageConversion", order)).options).toEqual(
      ConversionOptions.create(),
    );
  });

  it.each([
    ["idempotency_key", { idempotencyKey: "" }],
    ["user_id", { userId: "me" }],
    ["conversion_id", { conversionId: "" }],
    ["source_url", { sourceUrl: "" }],
    ["source_url", { sourceUrl: "ftp://example.com/a.png" }],
    ["source_url", { sourceUrl: "not a url" }],
    ["source_url", { sourceUrl: `http://example.com/${"a".repeat(8_192)}` }],
    ["options.quality", { options: ConversionOptions.create({ quality: 5 as Quality }) }],
    ["options.page_size", { options: ConversionOptions.create({ pageSize: -1 as PageSize }) }],
    ["options.density_dpi", { options: ConversionOptions.create({ densityDpi: 35 }) }],
    ["options.density_dpi", { options: ConversionOptions.create({ densityDpi: 1201 }) }],
    ["options.max_width_px", { options: ConversionOptions.create({ maxWidthPx: 12_001 }) }],
    ["options.max_height_px", { options: ConversionOptions.create({ maxHeightPx: 4_294_967_295 }) }],
  ])("names %s when it is wrong", (argument, over) => {
    expect(
      thrownBy(() => requests.readEnqueueImageConversion(checked("EnqueueImageConversion", conversionOrder(over)))),
    ).toEqual(refused(argument));
  });
});

describe("readGetJob", () => {
  it("takes a UUID in any case, and nothing else", () => {
    expect(requests.readGetJob(checked("GetJob", { jobId: UUID }))).toBe(UUID.toLowerCase());
    expect(thrownBy(() => requests.readGetJob(checked("GetJob", { jobId: "1; DROP TABLE" })))).toEqual(
      refused("job_id"),
    );
  });
});

describe("readListJobs", () => {
  const request = (over: Partial<ListJobsRequest> = {}) => ({
    queue: "",
    state: JobState.UNSPECIFIED,
    userId: "",
    pageSize: 0,
    pageToken: "",
    ...over,
  });

  it("selects a user's own jobs for a user, whoever it names", () => {
    const caller = { role: "user", userId: randomUUID() } as const;
    expect(requests.readListJobs(request(), caller).userId).toBe(caller.userId);
    expect(requests.readListJobs(request({ userId: caller.userId }), caller).userId).toBe(caller.userId);
    const foreign = thrownBy(() => requests.readListJobs(request({ userId: randomUUID() }), caller));
    expect(foreign).toMatchObject({ code: "permission_denied", meta: { argument: "user_id" } });
  });

  it("selects everything, fifty at a time, unless told otherwise", () => {
    const { queues, ...rest } = requests.readListJobs(checked("ListJobs", request()), APPLICATION);
    expect(queues).toHaveLength(6);
    expect(rest).toEqual({ state: JobState.UNSPECIFIED, userId: "", pageSize: 50, after: undefined });
  });

  it("takes what it is told", () => {
    const after = { createdAt: new Date(1_700_000_000_123), id: randomUUID() };
    const given = request({
      queue: "email-dead",
      state: JobState.FAILED,
      pageSize: 200,
      pageToken: encodePageToken(after),
    });
    expect(requests.readListJobs(checked("ListJobs", given), APPLICATION)).toEqual({
      queues: ["email-dead"],
      state: JobState.FAILED,
      userId: "",
      pageSize: 200,
      after,
    });
  });

  it.each([
    ["queue", { queue: "emails" }],
    ["state", { state: 7 }],
    ["user_id", { userId: "me" }],
    ["page_size", { pageSize: 201 }],
    ["page_token", { pageToken: "AAAA" }],
  ])("names %s when it is wrong", (argument, over) => {
    expect(thrownBy(() => requests.readListJobs(checked("ListJobs", request(over)), APPLICATION))).toEqual(
      refused(argument),
    );
  });
});
