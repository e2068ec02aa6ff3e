import { metrics } from "@opentelemetry/api";
import { JobService as JobContract } from "../../gen/twirp/mcsv/v1/job";
import { createJobServiceServer } from "../../gen/twirp/mcsv/v1/job.twirp";
import { openAuthenticator } from "../platform/auth/open-authenticator";
import { openTokenSigner } from "../platform/auth/open-token-signer";
import { printableConfig } from "../platform/config/define-config";
import { loadContract } from "../platform/contract/load-contract";
import { createHealth } from "../platform/health/health";
import { createServiceApp } from "../platform/http/create-service-app";
import { openPort } from "../platform/http/listen";
import { runProcess } from "../platform/lifecycle/run-process";
import { waitFor } from "../platform/lifecycle/wait-for";
import { createLogger, type Logger } from "../platform/logging/create-logger";
import { checkPool } from "../platform/postgres/check-pool";
import { createBoss, type QueueBoss } from "../platform/queue/create-boss";
import { observeQueues } from "../platform/queue/observe-queues";
import { ensureQueues } from "../platform/queue/queue-definition";
import { createTransport } from "../platform/twirp/client/create-transport";
import { startCallbackWorker } from "./callback-worker";
import { type JobConfig, jobConfig } from "./config";
import { startEmailWorker } from "./email-worker";
import { keepHistory } from "./history/maintain-history";
import { setUpHistory } from "./history/set-up-history";
import { startImageConversionWorker } from "./image-conversion-worker";
import { JobService } from "./job-service";
import { QUEUE_NAMES, queueDefinitions } from "./queues";
import { workerName } from "./worker-name";

/** Part of the time for stopping that running jobs get; the rest is for handing back those that do not end. */
const DRAIN_SHARE = 0.6;
/** The first start of all creates tables and indexes. */
const SET_UP_TIMEOUT_MS = 60_000;

runProcess(jobConfig, async ({ config, lifecycle }) => {
  const logger = createLogger({
    service: "job",
    level: config.logLevel,
    format: config.logFormat,
    sampleRatio: config.logSampleRatio,
  });
  lifecycle.useLogger(logger);
  logger.info("starting", { config: printableConfig(jobConfig, config) });

  // Who calls, and who this service is to others.
  const authenticator = await openAuthenticator("job", config, logger);
  const tokens = await openTokenSigner("job", config, logger);

  const meter = metrics.getMeter("mcsv");

  // Dependencies, and what is to be let go at the end; the last one first.
  const boss = createBoss({
    connectionString: config.databaseUrl,
    applicationName: workerName(),
    poolMax: config.databasePoolMax,
    logger,
    meter,
  });
  lifecycle.onStop("queues", () => boss.stop());
  const open = (target: string, baseUrl: string, maxSockets: number) => {
    const authorization = () => tokens.authorizationFor(target);
    const transport = createTransport({ target, baseUrl, maxSockets, authorization, logger });
    lifecycle.onStop(`${target} service client`, () => transport.close());
    return transport;
  };
  const emailService = open("email", config.emailServiceUrl, config.emailConcurrency);
  const imageService = open("image", config.imageServiceUrl, config.imageConversionConcurrency);
  const userService = open("user", config.userServiceUrl, config.callbackConcurrency);

  // The three services are no condition: what they are to do waits in the queues.
  const health = createHealth(lifecycle);
  health.register("postgres", checkPool(boss.database.pool));
  const http = await openPort({ host: config.host, port: config.port, logger, lifecycle, health });

  const waiting = { logger, signal: lifecycle.stopping, attemptTimeoutMs: SET_UP_TIMEOUT_MS };
  await waitFor("postgres", checkPool(boss.database.pool), waiting);
  await waitFor("queues", () => setUpQueues(boss, config, logger), waiting);

  observeQueues(meter, { pool: boss.database.pool, queues: QUEUE_NAMES, logger });

  // The workers.
  const common = {
    heartbeatIntervalMs: config.heartbeatIntervalMs,
    heartbeatTimeoutMs: config.heartbeatTimeoutMs,
    drainTimeoutMs: config.shutdownTimeoutMs * DRAIN_SHARE,
  };
  const workers = await Promise.all([
    startEmailWorker({
      boss,
      transport: emailService,
      logger,
      settings: {
        ...common,
        concurrency: config.emailConcurrency,
        attemptTimeoutMs: config.emailTimeoutMs,
        ...rate(config.emailRatePerMinute),
      },
    }),
    startImageConversionWorker({
      boss,
      transport: imageService,
      logger,
      settings: {
        ...common,
        concurrency: config.imageConversionConcurrency,
        attemptTimeoutMs: config.imageConversionTimeoutMs,
        ...rate(config.imageConversionRatePerMinute),
      },
    }),
    startCallbackWorker({
      boss,
      transport: userService,
      logger,
      settings: {
        ...common,
        concurrency: config.callbackConcurrency,
        attemptTimeoutMs: config.callbackTimeoutMs,
        ...rate(config.callbackRatePerMinute),
      },
    }),
  ]);
  lifecycle.onStop("workers", async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  const upkeep = keepHistory(boss.database.pool, { retentionDays: config.jobHistoryRetentionDays, logger });
  lifecycle.onStop("upkeep of the history", () => upkeep.stop());

  // The service itself.
  const server = createJobServiceServer(new JobService(boss, config.queueMaxDepth));
  const app = createServiceApp({
    contract: loadContract(JobContract),
    authenticator,
    logger,
    health,
    publicUrl: config.publicUrl,
    corsOrigins: config.corsOrigins,
    twirp: { services: [{ server }], logger },
  });
  http.serve(app);
});

function rate(perMinute: number | undefined): { ratePerMinute?: number } {
  return perMinute === undefined ? {} : { ratePerMinute: perMinute };
}

async function setUpQueues(boss: QueueBoss, config: JobConfig, logger: Logger): Promise<void> {
  await boss.start();
  await setUpHistory({
    connectionString: config.databaseUrl,
    pool: boss.database.pool,
    logger,
  });
  await ensureQueues(boss, queueDefinitions(config));
}
