import { join } from "node:path";
import { metrics } from "@opentelemetry/api";
import { UserService as UserContract } from "../../gen/twirp/mcsv/v1/user";
import { createUserServiceServer } from "../../gen/twirp/mcsv/v1/user.twirp";
import { createCallLimiter } from "../platform/auth/call-limiter";
import { openAuthenticator } from "../platform/auth/open-authenticator";
import { openTokenSigner } from "../platform/auth/open-token-signer";
import { printableConfig } from "../platform/config/define-config";
import { loadContract } from "../platform/contract/load-contract";
import { createHealth } from "../platform/health/health";
import { createServiceApp } from "../platform/http/create-service-app";
import { openPort } from "../platform/http/listen";
import { runProcess } from "../platform/lifecycle/run-process";
import { waitFor } from "../platform/lifecycle/wait-for";
import { createLogger } from "../platform/logging/create-logger";
import { createObjectStore } from "../platform/object-store/create-object-store";
import { checkPool } from "../platform/postgres/check-pool";
import { createPool } from "../platform/postgres/create-pool";
import { isTransientDatabaseError } from "../platform/postgres/is-transient";
import { migrate } from "../platform/postgres/migrate";
import { createBoss } from "../platform/queue/create-boss";
import { observeQueues } from "../platform/queue/observe-queues";
import { deadLetterOf, ensureQueues } from "../platform/queue/queue-definition";
import { createTransport } from "../platform/twirp/client/create-transport";
import { CLEAN_UP_QUEUE, startCleanUp } from "./clean-up/clean-up";
import { userConfig } from "./config";
import { JourneyMetrics } from "./journey-metrics";
import { createOutbox, OUTBOX_QUEUES } from "./outbox";
import { createPdfUrls } from "./pdf-urls";
import { startRelays } from "./relays";
import { UserService } from "./user-service";

/** Enough for the relays, which take and settle jobs in batches. */
const OUTBOX_POOL_MAX = 5;
/** The first start of all creates tables and indexes. */
const SET_UP_TIMEOUT_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

runProcess(userConfig, async ({ config, lifecycle }) => {
  const logger = createLogger({
    service: "user",
    level: config.logLevel,
    format: config.logFormat,
    sampleRatio: config.logSampleRatio,
  });
  lifecycle.useLogger(logger);
  logger.info("starting", { config: printableConfig(userConfig, config) });

  // Who calls, and who this service is to others.
  const authenticator = await openAuthenticator("user", config, logger);
  const tokens = await openTokenSigner("user", config, logger);

  const meter = metrics.getMeter("mcsv");

  // Dependencies, and what is to be let go at the end; the last one first.
  const connectionString = config.databaseUrl;
  const pool = createPool({ connectionString, max: config.databasePoolMax, applicationName: "mcsv-user", logger });
  lifecycle.onStop("database pool", () => pool.end());
  const boss = createBoss({
    connectionString,
    poolMax: Math.min(config.databasePoolMax, OUTBOX_POOL_MAX),
    applicationName: "mcsv-user-outbox",
    cron: true,
    logger,
    meter,
  });
  lifecycle.onStop("outbox", () => boss.stop());
  const objectStore = createObjectStore({
    endpoint: config.objectStoreEndpoint,
    publicEndpoint: config.objectStorePublicEndpoint,
    region: config.objectStoreRegion,
    bucket: config.objectStoreBucket,
    accessKeyId: config.objectStoreAccessKeyId,
    secretAccessKey: config.objectStoreSecretAccessKey,
    meter,
  });
  lifecycle.onStop("object store", () => objectStore.close());
  const connect = (target: string, baseUrl: string) =>
    createTransport({ target, baseUrl, authorization: () => tokens.authorizationFor(target), logger });
  const jobService = connect("job", config.jobServiceUrl);
  lifecycle.onStop("job service client", () => jobService.close());
  const clientService = connect("client", config.clientServiceUrl);
  lifecycle.onStop("client service client", () => clientService.close());

  // The job and the client service are no condition: what they are owed waits in the outbox.
  const health = createHealth(lifecycle);
  health.register("postgres", checkPool(pool));
  health.register("object store", (signal) => objectStore.check(signal));
  const http = await openPort({ host: config.host, port: config.port, logger, lifecycle, health });

  const waiting = { logger, signal: lifecycle.stopping };
  await waitFor("postgres", checkPool(pool), waiting);
  const setUpDatabase = async () => {
    await migrate({ connectionString, directory: join(__dirname, "migrations"), logger });
    await boss.start();
    await ensureQueues(boss, OUTBOX_QUEUES);
  };
  await waitFor("the database's set-up", setUpDatabase, {
    ...waiting,
    attemptTimeoutMs: SET_UP_TIMEOUT_MS,
    isTransient: isTransientDatabaseError,
  });
  await waitFor("object store", () => objectStore.ensureBucket(), waiting);
  const queues = [...OUTBOX_QUEUES.flatMap(({ name }) => [name, deadLetterOf(name)]), CLEAN_UP_QUEUE];
  observeQueues(meter, { pool, queues, logger });

  // The service itself.
  const pdfUrls = createPdfUrls({
    objectStore,
    ttlSeconds: config.pdfUrlTtlSeconds,
    mailTtlSeconds: config.mailPdfUrlTtlSeconds,
  });
  const { uploadUrlTtlSeconds, sourceUrlTtlSeconds, outboxConcurrency: concurrency } = config;
  const outbox = createOutbox(boss);
  const journeys = new JourneyMetrics(meter);
  const service = new UserService({ pool, objectStore, outbox, pdfUrls, uploadUrlTtlSeconds, tokens, journeys });
  const server = createUserServiceServer(service);

  const relays = { boss, outbox, pool, objectStore, pdfUrls, journeys, jobService, clientService, logger };
  const workers = await startRelays({ ...relays, concurrency, sourceUrlTtlSeconds });
  const cleanUp = await startCleanUp(boss, config.cleanUpCron, {
    pool,
    objectStore,
    retention: { sourceMs: config.sourceRetentionDays * DAY_MS, pdfMs: config.pdfRetentionDays * DAY_MS },
    orphanGraceMs: config.orphanGraceHours * HOUR_MS,
    mailOutcomeMs: config.mailOutcomeRetentionDays * DAY_MS,
    logger,
  });
  lifecycle.onStop("clean-up", () => cleanUp.stop());
  lifecycle.onStop("relays", async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  const limiter = createCallLimiter({
    application: { perSecond: config.rateLimitApplicationPerSecond, burst: config.rateLimitApplicationBurst },
    user: { perSecond: config.rateLimitUserPerSecond, burst: config.rateLimitUserBurst },
  });
  const app = createServiceApp({
    contract: loadContract(UserContract),
    authenticator,
    limiter,
    logger,
    health,
    publicUrl: config.publicUrl,
    corsOrigins: config.corsOrigins,
    twirp: { services: [{ server }], logger },
  });
  http.serve(app);
});
