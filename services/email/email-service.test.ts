import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort } from "../../deploy/local/ports/free-ports";
import { EmailTemplate, type SendEmailRequest } from "../../gen/twirp/mcsv/v1/email";
import { EmailServiceClientProtobuf } from "../../gen/twirp/mcsv/v1/email.twirp";
import { requestWith, welcomeRequest } from "./testing/requests";
import { startEmailService, type TestEmailService } from "./testing/start-email-service";

let service: TestEmailService;
beforeAll(async () => {
  service = await startEmailService({ claimTimeoutMs: 1_000 });
});
afterAll(() => service.stop());
afterEach(async () => {
  service.hook = undefined;
  await fetch(`${service.inboxUrl}/api/v1/messages`, { method: "DELETE" });
});

const send = (request: SendEmailRequest) => service.client.SendEmail(request);

describe("SendEmail", () => {
  it("delivers the mail and tells how", async () => {
    const request = welcomeRequest();
    const before = Date.now();
    const { delivery } = await send(request);
    expect(delivery).toMatchObject({
      messageId: `${request.jobId}@mcsv.example`,
      template: EmailTemplate.WELCOME,
      recipientAddress: "ada@example.com",
    });
    expect(Number(delivery?.deliveredAt?.seconds) * 1000).toBeGreaterThan(before - 2_000);
    const mails = await service.mails();
    expect(mails).toMatchObject([
      { MessageID: `${request.jobId}@mcsv.example`, Subject: "Welcome to mcsv", To: [{ Address: "ada@example.com" }] },
    ]);
  });

  it("sends no second mail when it is called again, and answers the same", async () => {
    const request = welcomeRequest();
    const first = await send(request);
    expect(await send(request)).toEqual(first);
    expect(await service.mails()).toHaveLength(1);
  });

  it("refuses another mail for the same job, also while the first is being sent", async () => {
    const jobId = randomUUID();
    const { promise: held, resolve: letGo } = Promise.withResolvers<undefined>();
    service.hook = ({ stage }) => (stage === "data" ? held : undefined);
    const first = send(welcomeRequest({ jobId }));
    await vi.waitFor(async () => expect(await ledgerRows(jobId)).toBe(1));
    const others = [
      welcomeRequest({ jobId, name: "Eve" }),
      welcomeRequest({ jobId, address: "eve@example.com" }),
      requestWith({ oneofKind: "notification", notification: { subject: "s", message: "m" } }, { jobId }),
    ];
    for (const other of others) {
      await expect(send(other)).rejects.toMatchObject({ code: "already_exists", meta: { argument: "job_id" } });
    }
    letGo(undefined);
    await first;
    for (const other of others) {
      await expect(send(other)).rejects.toMatchObject({ code: "already_exists" });
    }
    expect(await service.mails()).toHaveLength(1);
  });

  it("sends one mail when it is called many times at once, in one process and in two", async () => {
    const twin = await startEmailService({ databaseUrl: service.databaseUrl, smtpPort: service.smtpPort });
    const request = welcomeRequest();
    const calls = Array.from({ length: 20 }, (_unused, index) =>
      (index % 2 === 0 ? service : twin).client.SendEmail(request),
    );
    const answers = await Promise.all(calls);
    expect(new Set(answers.map(({ delivery }) => delivery?.deliveredAt?.nanos)).size).toBe(1);
    expect(await service.mails()).toHaveLength(1);
    await twin.stop();
  });

  it("goes on and records the delivery when the caller has given up", async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<undefined>();
    service.hook = ({ stage }) => (stage === "data" ? held : undefined);
    const request = welcomeRequest();
    const impatient = new EmailServiceClientProtobuf(service.transport.with({ timeoutMs: 200 }));
    await expect(impatient.SendEmail(request)).rejects.toMatchObject({ code: "deadline_exceeded" });
    letGo(undefined);
    await send(request);
    expect(await service.mails()).toHaveLength(1);
  });
});

describe("what the SMTP server answers", () => {
  it.each([
    ["recipient", 450],
    ["recipient", 421],
    ["data", 452],
  ] as const)("at %s with %i is unavailable, and a later call delivers", async (stage, code) => {
    const request = welcomeRequest();
    service.hook = (event) => (event.stage === stage ? { code, message: "not now ada@example.com" } : undefined);
    await expect(send(request)).rejects.toMatchObject({ code: "unavailable", meta: { smtp_code: String(code) } });
    service.hook = undefined;
    await send(request);
    expect(await service.mails()).toHaveLength(1);
  });

  it.each([
    ["recipient", 550],
    ["recipient", 553],
    ["data", 554],
  ] as const)("at %s with %i is failed_precondition", async (stage, code) => {
    service.hook = (event) => (event.stage === stage ? { code, message: "no <ada@example.com>" } : undefined);
    const failure = await send(welcomeRequest()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "failed_precondition", meta: { smtp_code: String(code) } });
    expect(JSON.stringify(failure)).not.toContain("ada@");
    expect(await service.mails()).toHaveLength(0);
  });

  it("is unavailable when the server drops connections or cannot be reached", async () => {
    service.hook = ({ stage }) => (stage === "data" ? "drop" : undefined);
    await expect(send(welcomeRequest())).rejects.toMatchObject({ code: "unavailable" });
    const alone = await startEmailService({ databaseUrl: service.databaseUrl, smtpPort: await freePort() });
    await expect(alone.client.SendEmail(welcomeRequest())).rejects.toMatchObject({ code: "unavailable" });
    const ready = await fetch(`${alone.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      dependencies: {
        postgres: { ready: true },
        smtp: { ready: false, reason: expect.stringContaining("ECONNREFUSED") },
      },
    });
    await alone.stop();
  });

  it("does not matter to connections that it has closed while they were idle", async () => {
    await send(welcomeRequest());
    const second = await startEmailService({ databaseUrl: service.databaseUrl });
    await second.client.SendEmail(welcomeRequest());
    second.hook = ({ stage }) => (stage === "recipient" ? "drop" : undefined);
    await expect(second.client.SendEmail(welcomeRequest())).rejects.toMatchObject({ code: "unavailable" });
    second.hook = undefined;
    await second.client.SendEmail(welcomeRequest());
    expect(await second.mails()).toHaveLength(2);
    await second.stop();
  });
});

describe("a crash between the SMTP server's yes and the ledger's commit", () => {
  it("sends the mail again once the claim has lapsed, with the same Message-ID and Date", async () => {
    const request = welcomeRequest();
    // The server has stored the mail, and its answer is lost.
    service.hook = ({ stage }) => (stage === "accepted" ? "drop" : undefined);
    await expect(send(request)).rejects.toMatchObject({ code: "unavailable" });
    service.hook = undefined;
    await send(request);
    const mails = await service.mails();
    expect(mails.map(({ MessageID }) => MessageID)).toEqual(Array(2).fill(`${request.jobId}@mcsv.example`));
    const dates = await Promise.all(mails.map(async ({ ID }) => (await service.message(ID)).Date));
    expect(new Set(dates).size).toBe(1);
  });

  it("is none when the database refuses to record the mail: it is recorded when it can be, and not sent again", async () => {
    await service.pool.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON sent_ledger
        FOR EACH ROW WHEN (NEW.delivered_at IS NOT NULL) EXECUTE FUNCTION refuse()`);
    const request = welcomeRequest();
    const hurried = new EmailServiceClientProtobuf(service.transport.with({ timeoutMs: 1_500 }));
    try {
      // Longer than a claim holds.
      await expect(hurried.SendEmail(request)).rejects.toThrow();
      expect(service.log.join("\n")).toContain("a delivery is not recorded yet");
      await expect(hurried.SendEmail(request)).rejects.toThrow();
    } finally {
      await service.pool.query("DROP FUNCTION refuse CASCADE");
    }
    expect(await send(request)).toMatchObject({ delivery: { messageId: `${request.jobId}@mcsv.example` } });
    expect(await service.mails()).toHaveLength(1);
  });

  it("waits for a claim whose holder was killed, then takes it over", async () => {
    const request = welcomeRequest();
    await send(request);
    await service.pool.query(
      `UPDATE sent_ledger SET delivered_at = NULL, claimed_until = clock_timestamp() + interval '600 ms' WHERE job_id = $1`,
      [request.jobId],
    );
    const hurried = new EmailServiceClientProtobuf(service.transport.with({ timeoutMs: 150 }));
    await expect(hurried.SendEmail(request)).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(await service.mails()).toHaveLength(1);
    await send(request);
    expect(await service.mails()).toHaveLength(2);
  });

  it("does not take over from a holder that is slow and alive", async () => {
    const twin = await startEmailService({ databaseUrl: service.databaseUrl, smtpPort: service.smtpPort });
    const { promise: held, resolve: letGo } = Promise.withResolvers<undefined>();
    service.hook = ({ stage }) => (stage === "data" ? held : undefined);
    const request = welcomeRequest();
    const slow = send(request);
    await vi.waitFor(async () => expect(await ledgerRows(request.jobId)).toBe(1));
    // Twice as long as a claim holds.
    const hurried = new EmailServiceClientProtobuf(twin.transport.with({ timeoutMs: 2_000 }));
    await expect(hurried.SendEmail(request)).rejects.toMatchObject({ code: "deadline_exceeded" });
    letGo(undefined);
    await slow;
    await twin.client.SendEmail(request);
    expect(await service.mails()).toHaveLength(1);
    await twin.stop();
  });
});

describe("recipients", () => {
  it.each([
    "",
    "ada",
    "ada@example.com\r\nBcc: eve@example.org",
    "ada@example.com, eve@example.org",
    "ada@example.com;eve@example.org",
    "Ada <ada@example.com>",
    "friends:ada@example.com,eve@example.org;",
    '"ada@example.com, eve"@example.org',
    "ada@example.com> SIZE=1",
    " ada@example.com",
    `${"a".repeat(300)}@example.com`,
  ])("that are not exactly one mailbox are refused: %j", async (address) => {
    await expect(send(welcomeRequest({ address }))).rejects.toMatchObject({
      code: "invalid_argument",
      meta: { argument: "email.recipient.address" },
    });
    expect(await service.mails()).toHaveLength(0);
  });

  it.each([
    'Ada" <eve@example.org>, "x',
    "eve@example.org, ",
    "group: eve@example.org;",
    "Ада Лавлейс 🎉",
    "=?utf-8?q?eve=40example.org?=",
    "a".repeat(200),
  ])("with the name %j get the mail alone", async (name) => {
    await send(welcomeRequest({ name }));
    const [mail, more] = await service.mails();
    expect(more).toBeUndefined();
    const message = await service.message(mail?.ID);
    expect(message).toMatchObject({ To: [{ Address: "ada@example.com" }], Cc: [], Bcc: [] });
    expect(message.Text).toContain(name);
  });

  it.each(["Ada\r\nBcc: eve@example.org", "Ada\u0000", "Ada\u2028", "a".repeat(201)])(
    "with the name %j are refused",
    async (name) => {
      await expect(send(welcomeRequest({ name }))).rejects.toMatchObject({
        code: "invalid_argument",
        meta: { argument: "email.recipient.name" },
      });
    },
  );
});

it("refuses requests that lack something or hold what must not be sent", async () => {
  const notification = (subject: string, message: string) =>
    requestWith({ oneofKind: "notification", notification: { subject, message } });
  const complete = (pdfUrl: string) =>
    requestWith({
      oneofKind: "conversionComplete",
      conversionComplete: { conversionId: randomUUID(), fileName: "a.png", pdfUrl, pdfBytes: 1n },
    });
  for (const [request, argument] of [
    [welcomeRequest({ jobId: "7" }), "job_id"],
    [{ jobId: randomUUID() }, "email"],
    [{ jobId: randomUUID(), email: { content: { oneofKind: "welcome", welcome: {} } } }, "email.recipient"],
    [requestWith({ oneofKind: undefined }), "email.content"],
    [notification("", "m"), "email.notification.subject"],
    [notification("a\r\nBcc: eve@example.org", "m"), "email.notification.subject"],
    [notification("s", ""), "email.notification.message"],
    [notification("s", "\u0007"), "email.notification.message"],
    [complete("javascript:alert(1)"), "email.conversion_complete.pdf_url"],
    [complete("https://good.example@evil.example/"), "email.conversion_complete.pdf_url"],
    [complete("/relative"), "email.conversion_complete.pdf_url"],
  ] as [SendEmailRequest, string][]) {
    const refused = send(request).catch((error: unknown) => error);
    expect(await refused).toMatchObject({ code: expect.stringMatching(/^invalid_argument$/) });
    const error: unknown = await refused;
    expect(error).toMatchObject({ meta: { argument: expect.stringContaining(argument) } });
  }
  expect(await service.mails()).toHaveLength(0);
});

it("logs neither addresses nor what mails say", async () => {
  service.log.length = 0;
  await send(
    requestWith(
      { oneofKind: "notification", notification: { subject: "Secret subject", message: "Secret message" } },
      { address: "private@example.com" },
    ),
  );
  expect(service.log.join("\n")).toContain("mail delivered");
  expect(service.log.join("\n")).not.toMatch(/private@|Secret/);
});

async function ledgerRows(jobId: string): Promise<number> {
  const { rowCount } = await service.pool.query("SELECT FROM sent_ledger WHERE job_id = $1", [jobId]);
  return rowCount ?? 0;
}
