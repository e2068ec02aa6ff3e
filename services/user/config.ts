import {
  apiKeyVariables,
  rateLimitVariables,
  signerVariables,
  verifierVariables,
} from "../platform/auth/auth-variables";
import { defineConfig } from "../platform/config/define-config";
import { objectStoreVariables } from "../platform/config/object-store-variables";
import { serviceVariables } from "../platform/config/service-variables";
import { makeVariable } from "../platform/config/variable";
import { httpUrl, integer, postgresUrl } from "../platform/config/variables";

const MINUTE_SECONDS = 60;
/** Longest life of a presigned URL (Signature Version 4, query parameter X-Amz-Expires). */
const WEEK_SECONDS = 7 * 24 * 60 * MINUTE_SECONDS;

const MAX_RETENTION_DAYS = 3_650;

/** All that the user service can be told by its environment. */
export const userConfig = defineConfig("user", {
  ...serviceVariables(8081),
  ...verifierVariables,
  ...signerVariables,
  ...apiKeyVariables,
  ...rateLimitVariables,
  databaseUrl: postgresUrl({
    env: "DATABASE_URL",
    description: "Database of users, uploads, conversions and the outbox.",
  }),
  databasePoolMax: integer({
    env: "DATABASE_POOL_MAX",
    description: "Most database connections for calls; the outbox has six more at most.",
    min: 1,
    max: 200,
    default: 10,
  }),
  jobServiceUrl: httpUrl({ env: "JOB_SERVICE_URL", description: "Base URL of the job service." }),
  clientServiceUrl: httpUrl({ env: "CLIENT_SERVICE_URL", description: "Base URL of the client service." }),
  ...objectStoreVariables,
  outboxConcurrency: integer({
    env: "OUTBOX_CONCURRENCY",
    description: "Orders and callbacks of each kind that are delivered at the same time.",
    min: 1,
    max: 200,
    default: 16,
  }),
  uploadUrlTtlSeconds: integer({
    env: "UPLOAD_URL_TTL_SECONDS",
    description: "How long a presigned upload URL works.",
    min: 1,
    max: WEEK_SECONDS,
    default: 15 * MINUTE_SECONDS,
  }),
  sourceUrlTtlSeconds: integer({
    env: "SOURCE_URL_TTL_SECONDS",
    description: "How long the image service can fetch a source image; the time a job waits in its queue counts.",
    min: MINUTE_SECONDS,
    max: WEEK_SECONDS,
    default: WEEK_SECONDS,
  }),
  pdfUrlTtlSeconds: integer({
    env: "PDF_URL_TTL_SECONDS",
    description: "How long the PDF URL of GetConversion and of callbacks works.",
    min: 1,
    max: WEEK_SECONDS,
    default: 15 * MINUTE_SECONDS,
  }),
  mailPdfUrlTtlSeconds: integer({
    env: "MAIL_PDF_URL_TTL_SECONDS",
    description: "How long the PDF URL in a mail works.",
    min: MINUTE_SECONDS,
    max: WEEK_SECONDS,
    default: WEEK_SECONDS,
  }),
  cleanUpCron: makeVariable<string, false>(
    {
      env: "CLEAN_UP_CRON",
      description: "When objects are removed whose time is over or that nobody needs; five fields of cron, in UTC.",
      default: "17 3 * * *",
    },
    {
      allowed: "five fields of cron such as 17 3 * * *",
      parse: (text) => (/^\S+( +\S+){4}$/.test(text.trim()) ? { value: text.trim() } : undefined),
    },
  ),
  sourceRetentionDays: integer({
    env: "SOURCE_RETENTION_DAYS",
    description: "How long source images are kept after the upload, and after the last conversion of them has ended.",
    min: 1,
    max: MAX_RETENTION_DAYS,
    default: 14,
  }),
  pdfRetentionDays: integer({
    env: "PDF_RETENTION_DAYS",
    description: "How long PDFs are kept; no less than the URLs in mails work, MAIL_PDF_URL_TTL_SECONDS.",
    min: 1,
    max: MAX_RETENTION_DAYS,
    default: 30,
  }),
  orphanGraceHours: integer({
    env: "ORPHAN_GRACE_HOURS",
    description: "Age from which an object that no row of the database needs is removed.",
    min: 1,
    max: 8_760,
    default: 24,
  }),
  mailOutcomeRetentionDays: integer({
    env: "MAIL_OUTCOME_RETENTION_DAYS",
    description:
      "How long it is remembered which mails were reported; callbacks that come again after that are relayed again.",
    min: 14,
    max: MAX_RETENTION_DAYS,
    default: 90,
  }),
});
