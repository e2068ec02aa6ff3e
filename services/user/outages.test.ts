import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "../../deploy/local/ports/free-ports";
import { startPostgres } from "../../deploy/local/postgres/start-postgres";
import { startS3Server } from "../../deploy/local/s3/start-s3-server";
import { resourceExhausted } from "../platform/twirp/errors";
import { PNG } from "./testing/images";
import {
  startUserService,
  TEST_KEY,
  type TestUserService,
  type TestUserServiceOptions,
} from "./testing/start-user-service";

describe("the user service, while", { timeout: 60_000 }, () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) {
      await cleanUp();
    }
  });

  const directoryOf = async (name: string) => {
    const directory = await mkdtemp(join(tmpdir(), `mcsv-user-${name}-`));
    cleanUps.push(() => rm(directory, { recursive: true, force: true }));
    return directory;
  };
  const start = async (options: TestUserServiceOptions = {}) => {
    const service = await startUserService(options);
    cleanUps.push(() => service.stop());
    return service;
  };
  const createUser = async (service: TestUserService, idempotencyKey: string = randomUUID()) => {
    const email = `${idempotencyKey}@example.com`;
    const { user } = await service.application.CreateUser({ idempotencyKey, email, name: "Ada" });
    return user ?? expect.unreachable("no user");
  };
  const newConversion = () => ({
    idempotencyKey: randomUUID(),
    userId: "",
    fileName: "a.png",
    source: { oneofKind: "image" as const, image: PNG },
  });
  const welcomed = (service: TestUserService) => service.peer.emails.map(({ userId }) => userId).sort();

  it("Postgres restarts, answers unavailable, and goes on afterwards by itself", async () => {
    const directory = await directoryOf("postgres");
    const port = await freePort();
    const options = { directory, port, maxConnections: 40, durable: false };
    let postgres = await startPostgres(options);
    cleanUps.push(() => postgres.stop());
    const service = await start({ databaseUrl: postgres.superuserUrl });
    const before = await createUser(service);
    await expect.poll(() => welcomed(service)).toEqual([before.id]);

    await postgres.stop();
    const calls = [
      createUser(service),
      service.application.GetUser({ key: { oneofKind: "id", id: before.id } }),
      service.as(before.id).CreateUpload({ idempotencyKey: "k", userId: "", format: 1, sizeBytes: 1n }),
      service.as(before.id).ConvertImage(newConversion()),
      service.as(before.id).GetConversion({ conversionId: randomUUID() }),
      service.as(before.id).ListConversions({ userId: "", status: 0, pageSize: 0, pageToken: "" }),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ reason: { code: "unavailable", msg: expect.stringContaining("database") } });
    }

    postgres = await startPostgres(options);
    const after = await createUser(service);
    await expect.poll(() => welcomed(service)).toEqual([before.id, after.id].sort());
  });

  it("the object store is down, takes users, answers unavailable for images, and takes the same call later", async () => {
    const dataDirectory = await directoryOf("s3");
    const port = await freePort();
    const options = { port, dataDirectory, credentials: [TEST_KEY] };
    let s3 = await startS3Server(options);
    cleanUps.push(() => s3.close());
    const service = await start({ objectStoreUrl: s3.url });
    await s3.close();

    const user = await createUser(service);
    const request = newConversion();
    await expect(service.as(user.id).ConvertImage(request)).rejects.toMatchObject({
      code: "unavailable",
      msg: expect.stringContaining("object store"),
    });
    const { conversions } = await service.as(user.id).ListConversions({
      userId: "",
      status: 0,
      pageSize: 0,
      pageToken: "",
    });
    expect(conversions).toEqual([]);

    s3 = await startS3Server(options);
    const { conversion } = await service.as(user.id).ConvertImage(request);
    await expect.poll(() => service.peer.conversions).toHaveLength(1);
    expect(service.peer.conversions[0]?.conversionId).toBe(conversion?.id);
  });

  it("the queues of the job service are full, keeps orders in the outbox and delivers them when there is room", async () => {
    const service = await start();
    let full = true;
    let refused = 0;
    service.peer.before = () => {
      if (full) {
        refused++;
        throw resourceExhausted("100000 jobs wait in email: try again later", { retry_after_ms: "100" });
      }
    };
    const users = [await createUser(service), await createUser(service), await createUser(service)];
    await expect.poll(() => refused).toBeGreaterThanOrEqual(6);
    const { rows } = await service.pool.query(
      "SELECT retry_limit - retry_count AS left, (output -> 'returned' ->> 'times')::int AS returned FROM pgboss.job WHERE name = 'order-email'",
    );
    expect(rows).toHaveLength(3);
    for (const { left, returned } of rows) {
      // All attempts are left: the one in reserve, and those after the one that is always under way.
      expect(left).toBeGreaterThanOrEqual(100_001);
      expect(returned).toBeGreaterThanOrEqual(1);
    }
    full = false;
    await expect.poll(() => welcomed(service)).toEqual(users.map(({ id }) => id).sort());
  });

  it("the job service fails, takes everything, and delivers it once the job service is back", async () => {
    const service = await start();
    let attempts = 0;
    service.peer.before = () => {
      attempts++;
      throw new Error("down");
    };
    const users = await Promise.all(Array.from({ length: 10 }, () => createUser(service)));
    const { conversion } = await service.as(users[0]?.id ?? "").ConvertImage(newConversion());
    await expect.poll(() => attempts).toBeGreaterThan(10);
    expect(welcomed(service)).toEqual([]);

    service.peer.before = () => undefined;
    await expect.poll(() => welcomed(service)).toEqual(users.map(({ id }) => id).sort());
    await expect.poll(() => service.peer.conversions.map((order) => order.conversionId)).toEqual([conversion?.id]);
  });

  it("a transaction fails after the image was stored, succeeds with the same key when called again", async () => {
    const service = await start();
    const user = await createUser(service);
    const request = newConversion();
    await service.pool.query("ALTER TABLE conversions ADD CONSTRAINT broken CHECK (false) NOT VALID");
    await expect(service.as(user.id).ConvertImage(request)).rejects.toMatchObject({
      code: "internal",
      msg: "internal error",
    });
    await service.pool.query("ALTER TABLE conversions DROP CONSTRAINT broken");
    const { conversion } = await service.as(user.id).ConvertImage(request);
    expect(conversion?.userId).toBe(user.id);
    await expect.poll(() => service.peer.conversions).toHaveLength(1);
  });

  it("the database refuses to commit, orders no mail either", async () => {
    const service = await start();
    await service.pool.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
      CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION refuse()`);
    const key = randomUUID();
    await expect(createUser(service, key)).rejects.toMatchObject({ code: "internal" });
    expect((await service.pool.query("SELECT FROM pgboss.job WHERE name = 'order-email'")).rows).toHaveLength(0);
    await service.pool.query("DROP TRIGGER refuse ON users");
    await createUser(service, key);
    await expect.poll(() => welcomed(service)).toHaveLength(1);
  });

  it("the outbox cannot take an order, stores no user either", async () => {
    const service = await start();
    await service.pool.query("ALTER TABLE pgboss.job ADD CONSTRAINT broken CHECK (name <> 'order-email') NOT VALID");
    const key = randomUUID();
    await expect(createUser(service, key)).rejects.toMatchObject({ code: "internal" });
    await service.pool.query("ALTER TABLE pgboss.job DROP CONSTRAINT broken");
    expect((await service.pool.query("SELECT FROM users")).rows).toHaveLength(0);
    await createUser(service, key);
    await expect.poll(() => welcomed(service)).toHaveLength(1);
  });
});
