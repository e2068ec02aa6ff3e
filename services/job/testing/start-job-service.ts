import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import { JobService as JobContract } from "../../../gen/twirp/mcsv/v1/job";
import { createJobServiceServer, type JobServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/job.twirp";
import { authenticatorOf, createTestAuthFiles, signerOf } from "../../../tests/support/auth-files";
import { recordLog } from "../../../tests/support/record-log";
import { createTestDatabase } from "../../../tests/support/test-database";
import { loadContract } from "../../platform/contract/load-contract";
import { keepAnswers } from "../../platform/contract/testing/keep-answers";
import { createHealth } from "../../platform/health/health";
import { createServiceApp } from "../../platform/http/create-service-app";
import { listen } from "../../platform/http/listen";
import { createLifecycle } from "../../platform/lifecycle/lifecycle";
import { createBoss, type QueueBoss } from "../../platform/queue/create-boss";
import { ensureQueues } from "../../platform/queue/queue-definition";
import type { CallContext } from "../../platform/twirp/call-context";
import { createTransport } from "../../platform/twirp/client/create-transport";
import { startCallbackWorker } from "../callback-worker";
import { startEmailWorker } from "../email-worker";
import { setUpHistory } from "../history/set-up-history";
import { startImageConversionWorker } from "../image-conversion-worker";
import { JobService } from "../job-service";
import { queueDefinitions } from "../queues";
import type { WorkerSettings } from "../worker-context";
import { workerName } from "../worker-name";
import { jobClient, jobClientOf } from "./job-client";
import { type Peers, startPeers } from "./start-peers";

/** A job service with a database and peers of its own. */
export interface TestJobService {
  readonly url: string;
  /** Calls as the user service or an application, whichever the method admits. */
  readonly client: JobServiceClientProtobuf;
  /** Calls as a user. */
  as(userId: string): JobServiceClientProtobuf;
  readonly auth: AuthFiles;
  readonly boss: QueueBoss;
  readonly peers: Peers;
  /** Log lines of the service, JSON. */
  readonly lines: string[];
  stop(): Promise<void>;
}

/** Starts it with three attempts a job and waits of a second between them. */
export async function startJobService(
  options: { work: boolean; maxQueueDepth?: number } & Partial<WorkerSettings>,
): Promise<TestJobService> {
  const { work, maxQueueDepth = 100_000, ...given } = options;
  const database = await createTestDatabase();
  const { logger, lines } = recordLog();
  const { lifecycle, stop } = createLifecycle("job");
  const auth = await createTestAuthFiles(lifecycle.onStop);
  const tokens = await signerOf(auth, "job", logger);
  const peers = await startPeers({ auth });
  const boss = createBoss({ connectionString: database.url, applicationName: workerName(), poolMax: 10, logger });
  lifecycle.onStop("queues", () => boss.stop());
  await boss.start();
  await setUpHistory({ connectionString: database.url, pool: boss.database.pool, logger });
  await ensureQueues(
    boss,
    queueDefinitions({
      emailMaxAttempts: 3,
      imageConversionMaxAttempts: 3,
      callbackMaxAttempts: 3,
      retryDelaySeconds: 1,
      retryDelayMaxSeconds: 1,
      jobRetentionDays: 1,
    }),
  );
  const connect = (target: string) => {
    const authorization = () => tokens.authorizationFor(target);
    const transport = createTransport({ baseUrl: peers.url, target, authorization, logger });
    lifecycle.onStop(`transport to ${target}`, () => transport.close());
    return transport;
  };
  if (work) {
    const settings = { concurrency: 4, attemptTimeoutMs: 10_000, drainTimeoutMs: 200, ...given };
    const context = { boss, logger, settings };
    const workers = await Promise.all([
      startEmailWorker({ ...context, transport: connect("email") }),
      startImageConversionWorker({ ...context, transport: connect("image") }),
      startCallbackWorker({ ...context, transport: connect("user") }),
    ]);
    lifecycle.onStop("workers", async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
    });
  }
  const server = createJobServiceServer<CallContext>(new JobService(boss, maxQueueDepth));
  server.use(keepAnswers(JobContract));
  const app = createServiceApp({
    contract: loadContract(JobContract),
    authenticator: await authenticatorOf(auth, "job", logger),
    logger,
    health: createHealth(lifecycle),
    twirp: { services: [{ server }], logger },
  });
  const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle });
  const url = `http://127.0.0.1:${port}`;
  const client = createTransport({ baseUrl: url, target: "job" });
  lifecycle.onStop("client", () => client.close());
  return {
    url,
    client: jobClient(auth, client),
    as: (userId) => jobClientOf(auth, client, userId),
    auth,
    boss,
    peers,
    lines,
    stop: async () => {
      await stop("test", 5_000);
      await peers.stop();
      await database.drop();
    },
  };
}
