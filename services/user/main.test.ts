import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../deploy/local/ports/free-ports";
import { type S3Server, startS3Server } from "../../deploy/local/s3/start-s3-server";
import { createTestAuthFiles, credentialsOf } from "../../tests/support/auth-files";
import { createTestDatabase } from "../../tests/support/test-database";
import { PNG } from "./testing/images";
import { type SpawnOptions, spawnUserService, type UserServiceProcess } from "./testing/spawn-user-service";
import { type Peer, startPeer } from "./testing/start-peer";

/** A process needs a second of its own; a machine busy with other tests makes that many. */
const START_MS = 60_000;
const TEST_MS = 180_000;
const key = { accessKeyId: "test", secretAccessKey: "a-secret-that-no-log-holds" };

describe("the process of the user service", () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  let options: SpawnOptions;
  let peer: Peer;
  let s3: S3Server;
  beforeEach(async () => {
    const database = await createTestDatabase();
    cleanUps.push(() => database.drop());
    const dataDirectory = await mkdtemp(join(tmpdir(), "mcsv-user-main-"));
    cleanUps.push(() => rm(dataDirectory, { recursive: true, force: true }));
    s3 = await startS3Server({ port: 0, dataDirectory, credentials: [key] });
    cleanUps.push(() => s3.close());
    const auth = await createTestAuthFiles((_, remove) => cleanUps.push(remove));
    peer = await startPeer({ auth });
    cleanUps.push(() => peer.close());
    options = {
      port: await freePort(),
      databaseUrl: database.url,
      objectStoreUrl: s3.url,
      peerUrl: peer.url,
      auth,
      key,
    };
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) {
      await cleanUp();
    }
  });

  const start = async (): Promise<UserServiceProcess> => {
    const service = spawnUserService(options);
    cleanUps.push(() => service.end("SIGKILL"));
    await expect.poll(() => readiness(service), { timeout: START_MS }).toMatchObject({ http: 200 });
    return service;
  };
  const readiness = async ({ url }: UserServiceProcess) => {
    try {
      const answer = await fetch(`${url}/readyz`);
      return { http: answer.status, ...((await answer.json()) as object) };
    } catch (error) {
      return { http: 0, error };
    }
  };
  const createUsers = (service: UserServiceProcess, count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const id = randomUUID();
        const request = { idempotencyKey: id, email: `${id}@example.com`, name: "Ada" };
        const { user } = await service.application.CreateUser(request);
        return user ?? expect.unreachable("no user");
      }),
    );

  it(
    "loses nothing and doubles nothing when it is killed between acceptance and relay",
    async () => {
      // Some orders are on their way, some were taken without an answer, and most wait when the process dies.
      const held = Promise.withResolvers<void>();
      let calls = 0;
      peer.before = () => (++calls % 3 === 0 ? undefined : held.promise);
      peer.after = () => held.promise;
      const service = await start();
      const users = await createUsers(service, 40);
      const conversions = await Promise.all(
        users.slice(0, 10).map(async ({ id: userId }) => {
          const source = { oneofKind: "image" as const, image: PNG };
          const request = { idempotencyKey: "k", userId: "", fileName: "a.png", source };
          return (await service.as(userId).ConvertImage(request)).conversion?.id;
        }),
      );
      await expect.poll(() => calls).toBeGreaterThan(10);
      expect(await service.end("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
      held.resolve();
      peer.before = () => undefined;

      await start();
      const welcomes = () => new Set(peer.emails.map(({ idempotencyKey }) => idempotencyKey));
      const orders = () => new Set(peer.conversions.map(({ conversionId }) => conversionId));
      await expect.poll(welcomes, { timeout: START_MS }).toEqual(new Set(users.map(({ id }) => `welcome:${id}`)));
      await expect.poll(orders, { timeout: START_MS }).toEqual(new Set(conversions));
    },
    TEST_MS,
  );

  it(
    "is ready without the job and client services, takes users, and ends cleanly at SIGTERM",
    async () => {
      await peer.close();
      const service = await start();
      expect(await readiness(service)).toMatchObject({
        http: 200,
        dependencies: { postgres: { ready: true }, "object store": { ready: true } },
      });
      const [user] = await createUsers(service, 1);
      expect(await service.end("SIGTERM")).toEqual({ code: 0, signal: null });

      peer = await startPeer({ auth: options.auth, port: peer.port });
      await start();
      await expect.poll(() => peer.emails, { timeout: START_MS }).toMatchObject([{ userId: user?.id }]);
    },
    TEST_MS,
  );

  it(
    "says that the object store is missing, and waits for it at the start",
    async () => {
      const service = await start();
      await s3.close();
      await expect
        .poll(() => readiness(service), { timeout: START_MS })
        .toMatchObject({
          http: 503,
          dependencies: { postgres: { ready: true }, "object store": { ready: false, reason: expect.any(String) } },
        });
      expect(await service.end("SIGTERM")).toEqual({ code: 0, signal: null });

      const waiting = spawnUserService(options);
      cleanUps.push(() => waiting.end("SIGKILL"));
      await expect.poll(() => waiting.log(), { timeout: START_MS }).toContain("waiting for object store");
      const dataDirectory = await mkdtemp(join(tmpdir(), "mcsv-user-main-"));
      cleanUps.push(() => rm(dataDirectory, { recursive: true, force: true }));
      s3 = await startS3Server({ port: s3.port, dataDirectory, credentials: [key] });
      cleanUps.push(() => s3.close());
      await expect.poll(() => readiness(waiting), { timeout: START_MS }).toMatchObject({ http: 200 });
    },
    TEST_MS,
  );

  it(
    "carries the trace of a call through the outbox, to the job and to the client service",
    async () => {
      options = { ...options, tracing: true };
      const service = await start();
      const credentials = credentialsOf(options.auth);
      const call = async (method: string, authorization: string, request: object) => {
        const traceId = randomUUID().replaceAll("-", "");
        const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
        const headers = { "content-type": "application/json", authorization, traceparent };
        const url = `${service.url}/twirp/mcsv.v1.UserService/${method}`;
        const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(request) });
        expect(answer.status).toBe(200);
        return { traceId, answer: (await answer.json()) as Record<string, Record<string, string>> };
      };
      const callsIn = (trace: string) =>
        peer.traceparents
          .filter(({ traceparent }) => traceparent.split("-")[1] === trace)
          .map(({ method }) => method)
          .sort();

      const newUser = { idempotency_key: "k", email: "ada@example.com", name: "Ada" };
      const created = await call("CreateUser", await credentials.application(), newUser);
      await expect.poll(() => callsIn(created.traceId)).toEqual(["EnqueueEmail"]);
      const userId = created.answer["user"]?.["id"] ?? "";
      const order = { idempotency_key: "k", file_name: "a.png", image: PNG.toString("base64") };
      const ordered = await call("ConvertImage", await credentials.user(userId)(), order);
      await expect.poll(() => callsIn(ordered.traceId)).toEqual(["EnqueueImageConversion"]);
      const { id, job_id } = ordered.answer["conversion"] ?? {};
      const outcome = { job_id, conversion_id: id, pdf: { object_key: `pdf/${job_id}.pdf` } };
      const notified = await call("NotifyImageConverted", await credentials.service("job", "user")(), outcome);
      await expect.poll(() => callsIn(notified.traceId)).toEqual(["EnqueueEmail", "NotifyImageConverted"]);
    },
    TEST_MS,
  );

  it(
    "keeps secrets out of its log",
    async () => {
      const service = await start();
      await createUsers(service, 1);
      expect(service.log()).toContain("DATABASE_URL");
      expect(service.log()).not.toContain(new URL(options.databaseUrl).password);
      expect(service.log()).not.toContain(key.secretAccessKey);
    },
    TEST_MS,
  );
});
