import { join } from "node:path";
import { metrics } from "@opentelemetry/api";
import { EmailService as EmailContract } from "../../gen/twirp/mcsv/v1/email";
import { createEmailServiceServer } from "../../gen/twirp/mcsv/v1/email.twirp";
import { openAuthenticator } from "../platform/auth/open-authenticator";
import { printableConfig } from "../platform/config/define-config";
import { loadContract } from "../platform/contract/load-contract";
import { createHealth } from "../platform/health/health";
import { createServiceApp } from "../platform/http/create-service-app";
import { openPort } from "../platform/http/listen";
import { runProcess } from "../platform/lifecycle/run-process";
import { waitFor } from "../platform/lifecycle/wait-for";
import { createLogger } from "../platform/logging/create-logger";
import { checkPool } from "../platform/postgres/check-pool";
import { createPool } from "../platform/postgres/create-pool";
import { isTransientDatabaseError } from "../platform/postgres/is-transient";
import { migrate } from "../platform/postgres/migrate";
import { runPeriodically } from "../platform/postgres/run-periodically";
import type { CallContext } from "../platform/twirp/call-context";
import { emailConfig } from "./config";
import { DeliverOnce } from "./deliver-once";
import { EmailService } from "./email-service";
import { MailMetrics } from "./mail-metrics";
import { pruneLedger } from "./prune-ledger";
import { createMailRenderer } from "./render-mail";
import { domainOf } from "./sender";
import { SentLedger } from "./sent-ledger";
import { createSmtpSender } from "./smtp-sender";

/** The first start of all creates tables and indexes. */
const SET_UP_TIMEOUT_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

runProcess(emailConfig, async ({ config, lifecycle }) => {
  const logger = createLogger({
    service: "email",
    level: config.logLevel,
    format: config.logFormat,
    sampleRatio: config.logSampleRatio,
  });
  lifecycle.useLogger(logger);
  logger.info("starting", { config: printableConfig(emailConfig, config) });

  const authenticator = await openAuthenticator("email", config, logger);

  // Dependencies, and what is to be let go at the end; the last one first.
  const connectionString = config.databaseUrl;
  const pool = createPool({ connectionString, max: config.databasePoolMax, applicationName: "mcsv-email", logger });
  lifecycle.onStop("database pool", () => pool.end());
  const smtp = createSmtpSender({
    url: config.smtpUrl,
    requireTls: config.smtpRequireTls,
    poolSize: config.smtpPoolSize,
    timeoutMs: config.smtpTimeoutMs,
    answerTimeoutMs: config.smtpAnswerTimeoutMs,
    from: config.mailFrom,
  });
  lifecycle.onStop("smtp connections", () => smtp.close());

  // Before the port, so that it ends after it: a mail under way outlives the call that asked for it.
  const ledger = new SentLedger(pool, config.claimTimeoutMs, domainOf(config.mailFrom));
  const deliverOnce = new DeliverOnce({
    ledger,
    smtp,
    render: createMailRenderer(),
    logger,
    metrics: new MailMetrics(metrics.getMeter("mcsv")),
  });
  lifecycle.onStop("mails under way", () => deliverOnce.drain());

  const health = createHealth(lifecycle);
  health.register("postgres", checkPool(pool));
  health.register("smtp", () => smtp.check());
  const http = await openPort({ host: config.host, port: config.port, logger, lifecycle, health });

  const waiting = { logger, signal: lifecycle.stopping };
  await waitFor("postgres", checkPool(pool), waiting);
  await waitFor(
    "the database's set-up",
    () => migrate({ connectionString, directory: join(__dirname, "migrations"), logger }),
    { ...waiting, attemptTimeoutMs: SET_UP_TIMEOUT_MS, isTransient: isTransientDatabaseError },
  );

  const pruning = runPeriodically({
    pool,
    name: "pruning of the sent-ledger",
    intervalMs: HOUR_MS,
    logger,
    run: async (client, signal) => {
      const mails = await pruneLedger(client, config.ledgerRetentionDays * DAY_MS, signal);
      logger.info("pruned the sent-ledger", { mails });
    },
  });
  lifecycle.onStop("pruning", () => pruning.stop());

  // The service itself. An SMTP server that is away makes calls fail, and /readyz says so; it is no reason not to start.
  const server = createEmailServiceServer<CallContext>(new EmailService(deliverOnce));
  const app = createServiceApp({
    contract: loadContract(EmailContract),
    authenticator,
    logger,
    health,
    publicUrl: config.publicUrl,
    corsOrigins: config.corsOrigins,
    twirp: { services: [{ server }], logger },
  });
  http.serve(app);
});
