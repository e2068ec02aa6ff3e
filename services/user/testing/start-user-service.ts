import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNoopMeter, type Meter } from "@opentelemetry/api";
import type { Pool } from "pg";
import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import { startS3Server } from "../../../deploy/local/s3/start-s3-server";
import { UserService as UserContract } from "../../../gen/twirp/mcsv/v1/user";
import { createUserServiceServer, UserServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/user.twirp";
import { authenticatorOf, createTestAuthFiles, credentialsOf, signerOf } from "../../../tests/support/auth-files";
import { createTestDatabase } from "../../../tests/support/test-database";
import { type CallLimits, createCallLimiter } from "../../platform/auth/call-limiter";
import { loadContract } from "../../platform/contract/load-contract";
import { keepAnswers } from "../../platform/contract/testing/keep-answers";
import { createHealth } from "../../platform/health/health";
import { createServiceApp } from "../../platform/http/create-service-app";
import { listen } from "../../platform/http/listen";
import { createLifecycle } from "../../platform/lifecycle/lifecycle";
import { createObjectStore } from "../../platform/object-store/create-object-store";
import type { ObjectStore } from "../../platform/object-store/object-store";
import { createPool } from "../../platform/postgres/create-pool";
import { migrate } from "../../platform/postgres/migrate";
import { createBoss, type QueueBoss } from "../../platform/queue/create-boss";
import { ensureQueues } from "../../platform/queue/queue-definition";
import type { CallContext } from "../../platform/twirp/call-context";
import { createTransport } from "../../platform/twirp/client/create-transport";
import type { Authorization } from "../../platform/twirp/client/transport-options";
import { JourneyMetrics } from "../journey-metrics";
import { createOutbox, OUTBOX_QUEUES } from "../outbox";
import { createPdfUrls } from "../pdf-urls";
import { startRelays } from "../relays";
import { UserService } from "../user-service";
import { silentLogger } from "./silent-logger";
import { type Peer, startPeer } from "./start-peer";

/** A user service with a database, an object store and peers of its own. */
export interface TestUserService {
  readonly url: string;
  /** Calls as an application. */
  readonly application: UserServiceClientProtobuf;
  /** Calls as the job service. */
  readonly jobService: UserServiceClientProtobuf;
  /** Calls as a user. */
  as(userId: string): UserServiceClientProtobuf;
  readonly pool: Pool;
  readonly boss: QueueBoss;
  readonly objectStore: ObjectStore;
  readonly peer: Peer;
  readonly auth: AuthFiles;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** What differs from one test to another. */
export interface TestUserServiceOptions {
  /** Database to use, by a URL; one that is made and dropped again unless given. */
  databaseUrl?: string;
  /** Endpoint of an object store to use; one that is started and stopped again unless given. */
  objectStoreUrl?: string;
  /** Keys of the services; some of its own unless given. */
  auth?: AuthFiles;
  /** Leaves what is in the outbox there. */
  withoutRelays?: boolean;
  /** How fast callers may call; as fast as they can unless given. */
  limits?: CallLimits;
  /** Where users' journeys are measured; nowhere unless given. */
  meter?: Meter;
}

/** Credentials of the test's object store. */
export const TEST_KEY = { accessKeyId: "test", secretAccessKey: "test-secret" };

/** Starts the service in this process, wired as main.ts wires it. */
export async function startUserService(options: TestUserServiceOptions = {}): Promise<TestUserService> {
  const logger = silentLogger();
  const owned = createLifecycle("user");
  const { lifecycle } = owned;
  const connectionString = options.databaseUrl ?? (await ownDatabase(lifecycle.onStop));
  const endpoint = options.objectStoreUrl ?? (await ownObjectStore(lifecycle.onStop));
  const pool = createPool({ connectionString, max: 10, applicationName: "test", logger });
  lifecycle.onStop("pool", () => pool.end());
  const boss = createBoss({ connectionString, poolMax: 4, applicationName: "test-outbox", logger });
  lifecycle.onStop("boss", () => boss.stop());
  const objectStore = createObjectStore({
    endpoint,
    publicEndpoint: endpoint.replace("127.0.0.1", "localhost"),
    region: "us-east-1",
    bucket: "mcsv",
    ...TEST_KEY,
  });
  lifecycle.onStop("object store", () => objectStore.close());
  const auth = options.auth ?? (await createTestAuthFiles(lifecycle.onStop));
  const tokens = await signerOf(auth, "user", logger);
  const peer = await startPeer({ auth });
  lifecycle.onStop("peer", () => peer.close());
  await migrate({ connectionString, directory: join(__dirname, "../migrations"), logger });
  await boss.start();
  await ensureQueues(boss, OUTBOX_QUEUES);
  await objectStore.ensureBucket();

  const outbox = createOutbox(boss);
  const pdfUrls = createPdfUrls({ objectStore, ttlSeconds: 600, mailTtlSeconds: 3600 });
  const journeys = new JourneyMetrics(options.meter ?? createNoopMeter());
  const domain = { pool, objectStore, outbox, pdfUrls, tokens, journeys };
  const server = createUserServiceServer<CallContext>(new UserService({ ...domain, uploadUrlTtlSeconds: 600 }));
  server.use(keepAnswers(UserContract));
  if (options.withoutRelays !== true) {
    const connect = (target: string) =>
      createTransport({ baseUrl: peer.url, target, authorization: () => tokens.authorizationFor(target) });
    const services = {
      jobService: connect("job"),
      clientService: connect("client"),
    };
    const relays = { ...domain, ...services, boss, logger, concurrency: 8, sourceUrlTtlSeconds: 600 };
    const workers = await startRelays(relays);
    lifecycle.onStop("relays", async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      services.jobService.close();
      services.clientService.close();
    });
  }
  const app = createServiceApp({
    contract: loadContract(UserContract),
    authenticator: await authenticatorOf(auth, "user", logger),
    ...(options.limits === undefined ? {} : { limiter: createCallLimiter(options.limits) }),
    logger,
    health: createHealth(lifecycle),
    twirp: { services: [{ server }], logger },
  });
  const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle });
  const url = `http://127.0.0.1:${port}`;
  const transport = createTransport({ baseUrl: url, target: "user" });
  lifecycle.onStop("caller", () => transport.close());
  const credentials = credentialsOf(auth);
  const client = (authorization: Authorization) => new UserServiceClientProtobuf(transport.with({ authorization }));
  return {
    url,
    application: client(credentials.application),
    jobService: client(credentials.service("job", "user")),
    as: (userId) => client(credentials.user(userId)),
    pool,
    boss,
    objectStore,
    peer,
    auth,
    databaseUrl: connectionString,
    stop: () => owned.stop("test", 5_000),
  };
}

type OnStop = (name: string, stop: () => Promise<void>) => void;

async function ownDatabase(onStop: OnStop): Promise<string> {
  const database = await createTestDatabase();
  onStop("database", () => database.drop());
  return database.url;
}

async function ownObjectStore(onStop: OnStop): Promise<string> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "mcsv-user-test-"));
  const s3 = await startS3Server({ port: 0, dataDirectory, credentials: [TEST_KEY] });
  onStop("object store server", async () => {
    await s3.close();
    await rm(dataDirectory, { recursive: true, force: true });
  });
  return s3.url;
}
