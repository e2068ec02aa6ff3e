import { join } from "node:path";
import { createNoopMeter, type Meter } from "@opentelemetry/api";
import type { Pool } from "pg";
import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import type { MailpitMessage } from "../../../deploy/local/inbox/mailpit-message";
import type { SmtpHook } from "../../../deploy/local/inbox/smtp-events";
import { type Inbox, startInbox } from "../../../deploy/local/inbox/start-inbox";
import { EmailService as EmailContract } from "../../../gen/twirp/mcsv/v1/email";
import { createEmailServiceServer, EmailServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/email.twirp";
import { authenticatorOf, createTestAuthFiles, credentialsOf } from "../../../tests/support/auth-files";
import { type MailSummary, mailsIn } from "../../../tests/support/inbox";
import { recordLog } from "../../../tests/support/record-log";
import { createTestDatabase } from "../../../tests/support/test-database";
import { loadContract } from "../../platform/contract/load-contract";
import { keepAnswers } from "../../platform/contract/testing/keep-answers";
import { createHealth } from "../../platform/health/health";
import { createServiceApp } from "../../platform/http/create-service-app";
import { listen } from "../../platform/http/listen";
import { createLifecycle } from "../../platform/lifecycle/lifecycle";
import { checkPool } from "../../platform/postgres/check-pool";
import { createPool } from "../../platform/postgres/create-pool";
import { migrate } from "../../platform/postgres/migrate";
import type { CallContext } from "../../platform/twirp/call-context";
import { createTransport, type TwirpTransport } from "../../platform/twirp/client/create-transport";
import { DeliverOnce } from "../deliver-once";
import { EmailService } from "../email-service";
import { MailMetrics } from "../mail-metrics";
import { createMailRenderer } from "../render-mail";
import { SentLedger } from "../sent-ledger";
import { createSmtpSender } from "../smtp-sender";

/** An email service of a test, and what it works with. */
export interface TestEmailService {
  readonly url: string;
  readonly auth: AuthFiles;
  readonly client: EmailServiceClientProtobuf;
  readonly transport: TwirpTransport;
  readonly pool: Pool;
  readonly databaseUrl: string;
  readonly smtpPort: number;
  /** What the SMTP server does instead of the usual; nothing unless set. */
  hook: SmtpHook | undefined;
  /** Lines of the log. */
  readonly log: string[];
  /** All mails in the inbox, newest first. */
  mails(): Promise<MailSummary[]>;
  /** A mail of the inbox in full. */
  message(id: string | undefined): Promise<MailpitMessage>;
  /** URL of the inbox. */
  readonly inboxUrl: string;
  stop(): Promise<void>;
}

/** What differs from one test to another. */
export interface TestEmailServiceOptions {
  /** Database to use; one that is made and dropped again unless given. */
  readonly databaseUrl?: string;
  /** SMTP port to use instead of the inbox's. */
  readonly smtpPort?: number;
  readonly claimTimeoutMs?: number;
  /** Where mails are measured; nowhere unless given. */
  readonly meter?: Meter;
}

/** Starts the service in this process, wired as main.ts wires it, with an inbox of its own. */
export async function startEmailService(options: TestEmailServiceOptions = {}): Promise<TestEmailService> {
  const { logger, lines } = recordLog();
  const owned = createLifecycle("email");
  const { lifecycle } = owned;
  const connectionString = options.databaseUrl ?? (await ownDatabase(lifecycle.onStop));
  const pool = createPool({ connectionString, max: 10, applicationName: "test", logger });
  lifecycle.onStop("pool", () => pool.end());
  await migrate({ connectionString, directory: join(__dirname, "../migrations"), logger });
  const auth = await createTestAuthFiles(lifecycle.onStop);
  const inbox: Inbox = await startInbox({ smtpPort: 0, httpPort: 0, onMessage: (event) => service.hook?.(event) });
  lifecycle.onStop("inbox", () => inbox.close());
  const smtpPort = options.smtpPort ?? inbox.smtpPort;
  const from = { name: "mcsv", address: "no-reply@mcsv.example" };
  const smtpUrl = `smtp://127.0.0.1:${smtpPort}`;
  const smtp = createSmtpSender({
    url: smtpUrl,
    requireTls: false,
    poolSize: 5,
    timeoutMs: 5_000,
    answerTimeoutMs: 5_000,
    from,
  });
  lifecycle.onStop("smtp", () => smtp.close());

  const ledger = new SentLedger(pool, options.claimTimeoutMs ?? 5_000, "mcsv.example");
  const deliverOnce = new DeliverOnce({
    ledger,
    smtp,
    render: createMailRenderer(),
    logger,
    metrics: new MailMetrics(options.meter ?? createNoopMeter()),
  });
  lifecycle.onStop("mails under way", () => deliverOnce.drain());
  const health = createHealth(lifecycle);
  health.register("postgres", checkPool(pool));
  health.register("smtp", () => smtp.check());
  const server = createEmailServiceServer<CallContext>(new EmailService(deliverOnce));
  server.use(keepAnswers(EmailContract));
  const app = createServiceApp({
    contract: loadContract(EmailContract),
    authenticator: await authenticatorOf(auth, "email", logger),
    logger,
    health,
    twirp: { services: [{ server }], logger },
  });
  const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle });
  lifecycle.markReady();
  const url = `http://127.0.0.1:${port}`;
  const transport = createTransport({
    baseUrl: url,
    target: "email",
    maxAttempts: 1,
    authorization: credentialsOf(auth).service("job", "email"),
  });
  lifecycle.onStop("caller", () => transport.close());
  const inboxUrl = `http://127.0.0.1:${inbox.httpPort}`;
  const service: TestEmailService = {
    url,
    auth,
    client: new EmailServiceClientProtobuf(transport),
    transport,
    pool,
    databaseUrl: connectionString,
    smtpPort,
    hook: undefined,
    log: lines,
    mails: () => mailsIn(inboxUrl),
    message: async (id) => JSON.parse(await (await fetch(`${inboxUrl}/api/v1/message/${id}`)).text()),
    inboxUrl,
    stop: () => owned.stop("test", 5_000),
  };
  return service;
}

async function ownDatabase(onStop: (name: string, stop: () => Promise<void>) => void): Promise<string> {
  const database = await createTestDatabase();
  onStop("database", () => database.drop());
  return database.url;
}
