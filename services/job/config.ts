import { availableParallelism } from "node:os";
import { apiKeyVariables, signerVariables, verifierVariables } from "../platform/auth/auth-variables";
import { type ConfigOf, defineConfig } from "../platform/config/define-config";
import { serviceVariables } from "../platform/config/service-variables";
import { durationMs, httpUrl, integer, postgresUrl } from "../platform/config/variables";

const MAX_CONCURRENCY = 500;

/** Shared by all replicas, which must be told the same. */
function ratePerMinute(env: string, what: string) {
  return integer({
    env,
    description: `Most attempts at ${what} that all replicas together begin in a minute; without it there is no limit.`,
    min: 1,
    max: 1_000_000,
    optional: true,
  });
}

/** All that the job service can be told by its environment. */
export const jobConfig = defineConfig("job", {
  ...serviceVariables(8082),
  ...verifierVariables,
  ...signerVariables,
  ...apiKeyVariables,
  databaseUrl: postgresUrl({ env: "DATABASE_URL", description: "Database of the queues." }),
  databasePoolMax: integer({
    env: "DATABASE_POOL_MAX",
    description: "Most database connections; one more listens for new jobs.",
    min: 2,
    max: 200,
    default: 10,
  }),
  emailServiceUrl: httpUrl({ env: "EMAIL_SERVICE_URL", description: "Base URL of the email service." }),
  imageServiceUrl: httpUrl({ env: "IMAGE_SERVICE_URL", description: "Base URL of the image service." }),
  userServiceUrl: httpUrl({ env: "USER_SERVICE_URL", description: "Base URL of the user service, for callbacks." }),
  emailConcurrency: integer({
    env: "EMAIL_CONCURRENCY",
    description: "Mails that are sent at the same time.",
    min: 1,
    max: MAX_CONCURRENCY,
    default: 20,
  }),
  imageConversionConcurrency: integer({
    env: "IMAGE_CONVERSION_CONCURRENCY",
    description: "Images that are converted at the same time; what the image services can do together.",
    min: 1,
    max: MAX_CONCURRENCY,
    default: availableParallelism(),
    defaultText: "number of CPU cores",
  }),
  callbackConcurrency: integer({
    env: "CALLBACK_CONCURRENCY",
    description: "Callbacks that are delivered at the same time.",
    min: 1,
    max: MAX_CONCURRENCY,
    default: 20,
  }),
  emailMaxAttempts: integer({
    env: "EMAIL_MAX_ATTEMPTS",
    description: "Attempts before a mail fails for good; the default lasts about an hour.",
    min: 1,
    max: 100_000,
    default: 60,
  }),
  imageConversionMaxAttempts: integer({
    env: "IMAGE_CONVERSION_MAX_ATTEMPTS",
    description: "Attempts before a conversion fails for good; the default lasts about half an hour.",
    min: 1,
    max: 100_000,
    default: 30,
  }),
  callbackMaxAttempts: integer({
    env: "CALLBACK_MAX_ATTEMPTS",
    description: "Attempts before a callback fails for good; the default lasts about a week.",
    min: 1,
    max: 100_000,
    default: 10_000,
  }),
  retryDelaySeconds: integer({
    env: "RETRY_DELAY_SECONDS",
    description: "Before its second attempt a job waits one to two times this; the wait doubles with every attempt.",
    min: 1,
    max: 3_600,
    default: 1,
  }),
  retryDelayMaxSeconds: integer({
    env: "RETRY_DELAY_MAX_SECONDS",
    description: "Longest wait of a job before an attempt.",
    min: 1,
    max: 86_400,
    default: 60,
  }),
  emailTimeoutMs: durationMs({
    env: "EMAIL_TIMEOUT_MS",
    description: "Longest time of an attempt to send a mail.",
    min: 100,
    max: 600_000,
    default: 30_000,
  }),
  imageConversionTimeoutMs: durationMs({
    env: "IMAGE_CONVERSION_TIMEOUT_MS",
    description: "Longest time of an attempt to convert an image.",
    min: 100,
    max: 3_600_000,
    default: 120_000,
  }),
  callbackTimeoutMs: durationMs({
    env: "CALLBACK_TIMEOUT_MS",
    description: "Longest time of an attempt to deliver a callback.",
    min: 100,
    max: 600_000,
    default: 15_000,
  }),
  heartbeatIntervalMs: durationMs({
    env: "HEARTBEAT_INTERVAL_MS",
    description: "How often a running job shows that its worker is alive.",
    min: 100,
    max: 60_000,
    default: 1_000,
  }),
  heartbeatTimeoutMs: durationMs({
    env: "HEARTBEAT_TIMEOUT_MS",
    description: "A job is taken from a worker that has been silent for this long; several heartbeat intervals.",
    min: 500,
    max: 600_000,
    default: 5_000,
  }),
  emailRatePerMinute: ratePerMinute("EMAIL_RATE_PER_MINUTE", "mails"),
  imageConversionRatePerMinute: ratePerMinute("IMAGE_CONVERSION_RATE_PER_MINUTE", "conversions"),
  callbackRatePerMinute: ratePerMinute("CALLBACK_RATE_PER_MINUTE", "callbacks"),
  queueMaxDepth: integer({
    env: "QUEUE_MAX_DEPTH",
    description:
      "Most jobs that may wait in a queue, scheduled ones too; beyond it Enqueue calls are refused for the moment.",
    min: 1,
    max: 10_000_000,
    default: 100_000,
  }),
  jobHistoryRetentionDays: integer({
    env: "JOB_HISTORY_RETENTION_DAYS",
    description: "How long the events of jobs are kept, which is longer than the jobs.",
    min: 1,
    max: 730,
    default: 90,
  }),
  jobRetentionDays: integer({
    env: "JOB_RETENTION_DAYS",
    description: "How long a job that ended is kept, and its idempotency key with it.",
    min: 1,
    max: 3_650,
    default: 7,
  }),
});

/** The typed config of the job service. */
export type JobConfig = ConfigOf<typeof jobConfig>;
