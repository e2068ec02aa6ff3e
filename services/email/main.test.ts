import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { type Collector, startCollector } from "../../deploy/local/collector/start-collector";
import { type Inbox, type InboxOptions, startInbox } from "../../deploy/local/inbox/start-inbox";
import { freePort } from "../../deploy/local/ports/free-ports";
import { startPostgres } from "../../deploy/local/postgres/start-postgres";
import { EmailServiceClientProtobuf } from "../../gen/twirp/mcsv/v1/email.twirp";
import { createTestAuthFiles, credentialsOf } from "../../tests/support/auth-files";
import { mailsIn } from "../../tests/support/inbox";
import { createTestDatabase } from "../../tests/support/test-database";
import { createTransport } from "../platform/twirp/client/create-transport";
import { welcomeRequest } from "./testing/requests";

// These tests run dist/, which `make build` makes.

const DIST = join(__dirname, "../../dist/services");
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

interface EmailProcess {
  readonly url: string;
  readonly client: EmailServiceClientProtobuf;
  end(signal: NodeJS.Signals): Promise<unknown[]>;
}

/** Starts the service as it is run in earnest, and waits until it listens. */
async function startProcess(env: Record<string, string>): Promise<EmailProcess> {
  const port = await freePort();
  const auth = await createTestAuthFiles((_, remove) => cleanups.push(remove));
  const child: ChildProcess = spawn(
    process.execPath,
    ["--require", join(DIST, "platform/telemetry/register.js"), join(DIST, "email/main.js")],
    {
      env: { PATH: process.env["PATH"], PORT: String(port), OTEL_SDK_DISABLED: "true", ...auth.env("email"), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  const authorization = credentialsOf(auth).service("job", "email");
  const transport = createTransport({
    baseUrl: url,
    target: "email",
    maxAttempts: 1,
    timeoutMs: 15_000,
    authorization,
  });
  cleanups.push(async () => {
    child.kill("SIGKILL");
    await exited;
    transport.close();
  });
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
  await expect
    .poll(isReady, { timeout: 10_000 })
    .toBe(true)
    .catch(() => expect.fail(log));
  return {
    url,
    client: new EmailServiceClientProtobuf(transport),
    end: async (signal) => {
      child.kill(signal);
      return await exited;
    },
  };
}

async function startTestInbox(
  onMessage?: InboxOptions["onMessage"],
): Promise<Inbox & { mails(): ReturnType<typeof mailsIn> }> {
  const inbox = await startInbox({ smtpPort: 0, httpPort: 0, ...(onMessage && { onMessage }) });
  cleanups.push(() => inbox.close());
  return { ...inbox, mails: () => mailsIn(`http://127.0.0.1:${inbox.httpPort}`) };
}

async function databaseUrl(): Promise<string> {
  const database = await createTestDatabase();
  cleanups.push(() => database.drop());
  return database.url;
}

describe("the process", () => {
  it("that is killed while it sends is followed by one that sends the mail once, and doubles none that was recorded", async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    let holding = false;
    const inbox = await startTestInbox(async ({ stage, recipients }) => {
      if (stage === "data" && holding && recipients[0] === "late@example.com") {
        ask();
        await new Promise(() => undefined);
      }
      return undefined;
    });
    const env = {
      DATABASE_URL: await databaseUrl(),
      SMTP_URL: `smtp://127.0.0.1:${inbox.smtpPort}`,
      CLAIM_TIMEOUT_MS: "1000",
    };
    const first = await startProcess(env);
    const done = welcomeRequest({ address: "early@example.com" });
    const late = welcomeRequest({ address: "late@example.com" });
    await first.client.SendEmail(done);
    holding = true;
    const lost = expect(first.client.SendEmail(late)).rejects.toMatchObject({ code: "unavailable" });
    await asked;
    await first.end("SIGKILL");
    await lost;
    holding = false;

    const second = await startProcess(env);
    const [again, answer] = await Promise.all([second.client.SendEmail(done), second.client.SendEmail(late)]);
    expect(again.delivery?.messageId).toBe(`${done.jobId}@mcsv.example`);
    expect(answer.delivery?.messageId).toBe(`${late.jobId}@mcsv.example`);
    const mails = await inbox.mails();
    expect(mails.map(({ To }) => To[0]?.Address).sort()).toEqual(["early@example.com", "late@example.com"]);
  });

  it("finishes the mail that is under way when it is told to stop, and ends with 0", async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: held, resolve: letGo } = Promise.withResolvers<undefined>();
    const inbox = await startTestInbox(({ stage }) => {
      if (stage !== "data") {
        return undefined;
      }
      ask();
      return held;
    });
    const service = await startProcess({
      DATABASE_URL: await databaseUrl(),
      SMTP_URL: `smtp://127.0.0.1:${inbox.smtpPort}`,
    });
    const answer = service.client.SendEmail(welcomeRequest());
    await asked;
    const ended = service.end("SIGTERM");
    letGo(undefined);
    await expect(answer).resolves.toMatchObject({ delivery: { recipientAddress: "ada@example.com" } });
    expect(await ended).toEqual([0, null]);
    expect(await inbox.mails()).toHaveLength(1);
  });

  it("records a delivery although the database was away when the mail was accepted, and sends it once", async () => {
    const directory = await mkdtemp(join(tmpdir(), "mcsv-email-pg-"));
    const settings = { directory, port: await freePort(), maxConnections: 20, durable: false };
    let postgres = await startPostgres(settings);
    cleanups.push(async () => {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    });
    const superuser = new Client({ connectionString: postgres.superuserUrl });
    await superuser.connect();
    await superuser.query("CREATE DATABASE mail");
    await superuser.end();
    const inbox = await startTestInbox(async ({ stage }) => {
      if (stage === "accepted") {
        await postgres.stop();
      }
      return undefined;
    });
    const service = await startProcess({
      DATABASE_URL: postgres.superuserUrl.replace(/\/postgres$/, "/mail"),
      SMTP_URL: `smtp://127.0.0.1:${inbox.smtpPort}`,
      CLAIM_TIMEOUT_MS: "500",
    });
    const request = welcomeRequest();
    const answer = service.client.SendEmail(request);
    await expect.poll(async () => (await inbox.mails()).length).toBe(1);
    await expect
      .poll(async () => (await fetch(`${service.url}/readyz`)).json(), { timeout: 10_000 })
      .toMatchObject({ status: "not ready", dependencies: { postgres: { ready: false }, smtp: { ready: true } } });
    postgres = await startPostgres(settings);
    // By now the claim has lapsed: what the process remembers keeps this call from sending again.
    const again = service.client.SendEmail(request);
    expect(await again).toEqual(await answer);
    expect(await inbox.mails()).toHaveLength(1);
  });

  it("tells the collector of the SMTP call, and neither whom nor what it was about", async () => {
    const collector: Collector = await startCollector({ grpcPort: 0, httpPort: 0 });
    cleanups.push(() => collector.close());
    const inbox = await startTestInbox(({ stage, recipients }) =>
      stage === "recipient" && recipients[0]?.startsWith("no-")
        ? { code: 550, message: "no <no-1@example.com>" }
        : undefined,
    );
    const service = await startProcess({
      DATABASE_URL: await databaseUrl(),
      SMTP_URL: `smtp://127.0.0.1:${inbox.smtpPort}`,
      OTEL_SDK_DISABLED: "false",
      OTEL_SERVICE_NAME: "email",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.grpcPort}`,
      OTEL_BSP_SCHEDULE_DELAY: "50",
    });
    await service.client.SendEmail(welcomeRequest({ name: "Private Name" }));
    await service.client.SendEmail(welcomeRequest({ address: "no-1@example.com" })).catch((error: unknown) => error);
    const smtpSpans = async () => {
      const answer = await fetch(`http://127.0.0.1:${collector.httpPort}/api/traces?service=email&limit=100`);
      const { data } = (await answer.json()) as { data: { spans: { operationName: string; tags: object[] }[] }[] };
      return data.flatMap(({ spans }) => spans).filter(({ operationName }) => operationName === "smtp send");
    };
    await expect.poll(async () => (await smtpSpans()).length, { timeout: 10_000 }).toBe(2);
    const spans = await smtpSpans();
    const tag = (key: string, value: unknown) => expect.arrayContaining([expect.objectContaining({ key, value })]);
    for (const { tags } of spans) {
      expect(tags).toEqual(tag("server.address", "127.0.0.1"));
      expect(tags).toEqual(tag("span.kind", "client"));
    }
    const codes = [250, 550].map((code) => tag("smtp.response.status_code", code));
    expect(spans.map(({ tags }) => tags)).toEqual(expect.arrayContaining(codes));
    const everything = await (
      await fetch(`http://127.0.0.1:${collector.httpPort}/api/traces?service=email&limit=100`)
    ).text();
    expect(everything).not.toMatch(/@example\.com|Private Name/);
  });
});
