import { verifierVariables } from "../platform/auth/auth-variables";
import { defineConfig } from "../platform/config/define-config";
import { serviceVariables } from "../platform/config/service-variables";
import { makeVariable } from "../platform/config/variable";
import { durationMs, flag, integer, postgresUrl, smtpUrl } from "../platform/config/variables";
import { formatSender, type Mailbox, parseSender } from "./sender";

/** All that the email service can be told by its environment. */
export const emailConfig = defineConfig("email", {
  ...serviceVariables(8083),
  ...verifierVariables,
  databaseUrl: postgresUrl({ env: "DATABASE_URL", description: "Database of the sent-ledger." }),
  databasePoolMax: integer({
    env: "DATABASE_POOL_MAX",
    description: "Most database connections.",
    min: 1,
    max: 200,
    default: 10,
  }),
  smtpUrl: smtpUrl({
    env: "SMTP_URL",
    description: "SMTP server that mails are handed to; smtps speaks TLS from the start.",
  }),
  smtpRequireTls: flag({
    env: "SMTP_REQUIRE_TLS",
    description: "Whether an smtp:// server must offer STARTTLS; without it TLS is used where it is offered.",
    default: false,
  }),
  smtpPoolSize: integer({
    env: "SMTP_POOL_SIZE",
    description: "Most connections to the SMTP server.",
    min: 1,
    max: 100,
    default: 10,
  }),
  smtpTimeoutMs: durationMs({
    env: "SMTP_TIMEOUT_MS",
    description: "How long the SMTP server may take to accept a connection and to greet.",
    min: 100,
    max: 300_000,
    default: 10_000,
  }),
  smtpAnswerTimeoutMs: durationMs({
    env: "SMTP_ANSWER_TIMEOUT_MS",
    description:
      "How long the SMTP server may take for each of its answers. A mail whose answer comes later is sent again.",
    min: 100,
    max: 600_000,
    default: 60_000,
  }),
  claimTimeoutMs: durationMs({
    env: "CLAIM_TIMEOUT_MS",
    description: "How long a mail whose sender was killed waits before it is sent again.",
    min: 500,
    max: 600_000,
    default: 15_000,
  }),
  ledgerRetentionDays: integer({
    env: "LEDGER_RETENTION_DAYS",
    description:
      "How long it is remembered which jobs' mails were sent; longer than the job service keeps or repeats jobs.",
    min: 14,
    max: 3_650,
    default: 90,
  }),
  mailFrom: makeVariable<Mailbox, false>(
    {
      env: "MAIL_FROM",
      description: "Sender of all mails.",
      default: { name: "mcsv", address: "no-reply@mcsv.example" },
    },
    {
      allowed: "one mailbox such as no-reply@mcsv.example or mcsv <no-reply@mcsv.example>",
      parse: (text) => {
        const value = parseSender(text);
        return value && { value };
      },
      format: formatSender,
    },
  ),
});
