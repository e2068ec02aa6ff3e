import {
  apiKeyVariables,
  rateLimitVariables,
  signerVariables,
  verifierVariables,
} from "../platform/auth/auth-variables";
import { defineConfig } from "../platform/config/define-config";
import { objectStoreVariables } from "../platform/config/object-store-variables";
import { serviceVariables } from "../platform/config/service-variables";
import { httpUrl, integer, postgresUrl } from "../platform/config/variables";

const MINUTE_SECONDS = 60;
/** Longest life of a presigned URL (Signature Version 4, query parameter X-Amz-Expires). */
const WEEK_SECONDS = 7 * 24 * 60 * MINUTE_SECONDS;

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
});
