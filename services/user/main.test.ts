import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../deploy/local/ports/free-ports";
import { type S3Server, startS3Server } from "../../deploy/local/s3/start-s3-server";
import { createTestDatabase } from "../../tests/support/test-database";
import { PNG } from "./testing/images";
import { type SpawnOptions, spawnUserService, type UserServiceProcess } from "./testing/spawn-user-service";
import { type Peer, startPeer } from "./testing/start-peer";

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
    peer = await startPeer();
    cleanUps.push(() => peer.close());
    options = {
      port: await freePort(),
      databaseUrl: database.url,
      objectStoreUrl: s3.url,
      peerUrl: peer.url,
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
    await expect.poll(() => readiness(service), { timeout: 15_000 }).toMatchObject({ http: 200 });
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
        const { user } = await service.client.CreateUser(request);
        return user ?? expect.unreachable("no user");
      }),
    );

  it("loses nothing and doubles nothing when it is killed between acceptance and relay", async () => {
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
        const request = { idempotencyKey: "k", userId, fileName: "a.png", source };
        return (await service.client.ConvertImage(request)).conversion?.id;
      }),
    );
    await expect.poll(() => calls).toBeGreaterThan(10);
    expect(await service.end("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
    held.resolve();
    peer.before = () => undefined;

    await start();
    const welcomes = () => new Set(peer.emails.map(({ idempotencyKey }) => idempotencyKey));
    const orders = () => new Set(peer.conversions.map(({ conversionId }) => conversionId));
    await expect.poll(welcomes, { timeout: 30_000 }).toEqual(new Set(users.map(({ id }) => `welcome:${id}`)));
    await expect.poll(orders, { timeout: 30_000 }).toEqual(new Set(conversions));
  }, 60_000);

  it("is ready without the job and client services, takes users, and ends cleanly at SIGTERM", async () => {
    await peer.close();
    const service = await start();
    expect(await readiness(service)).toMatchObject({
      http: 200,
      dependencies: { postgres: { ready: true }, "object store": { ready: true } },
    });
    const [user] = await createUsers(service, 1);
    expect(await service.end("SIGTERM")).toEqual({ code: 0, signal: null });

    peer = await startPeer(peer.port);
    await start();
    await expect.poll(() => peer.emails, { timeout: 15_000 }).toMatchObject([{ userId: user?.id }]);
  }, 60_000);

  it("says that the object store is missing, and waits for it at the start", async () => {
    const service = await start();
    await s3.close();
    await expect
      .poll(() => readiness(service), { timeout: 10_000 })
      .toMatchObject({
        http: 503,
        dependencies: { postgres: { ready: true }, "object store": { ready: false, reason: expect.any(String) } },
      });
    expect(await service.end("SIGTERM")).toEqual({ code: 0, signal: null });

    const waiting = spawnUserService(options);
    cleanUps.push(() => waiting.end("SIGKILL"));
    await expect.poll(() => waiting.log(), { timeout: 10_000 }).toContain("waiting for object store");
    const dataDirectory = await mkdtemp(join(tmpdir(), "mcsv-user-main-"));
    cleanUps.push(() => rm(dataDirectory, { recursive: true, force: true }));
    s3 = await startS3Server({ port: s3.port, dataDirectory, credentials: [key] });
    cleanUps.push(() => s3.close());
    await expect.poll(() => readiness(waiting), { timeout: 15_000 }).toMatchObject({ http: 200 });
  }, 60_000);

  it("keeps secrets out of its log", async () => {
    const service = await start();
    await createUsers(service, 1);
    expect(service.log()).toContain("DATABASE_URL");
    expect(service.log()).not.toContain(new URL(options.databaseUrl).password);
    expect(service.log()).not.toContain(key.secretAccessKey);
  });
});
