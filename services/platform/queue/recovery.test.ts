import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../../deploy/local/ports/free-ports";
import { type RunningPostgres, startPostgres } from "../../../deploy/local/postgres/start-postgres";
import { recordLog } from "../../../tests/support/record-log";
import { waitFor } from "../lifecycle/wait-for";
import { createBoss, type QueueBoss } from "./create-boss";
import { enqueue } from "./enqueue";
import { ensureQueues } from "./queue-definition";
import { testQueue } from "./testing/start-queues";
import { type Worker, work } from "./work";

const RECOVERY = { timeout: 15_000, interval: 20 };

describe("queues while Postgres comes and goes", () => {
  let directory: string;
  let port: number;
  let server: RunningPostgres;
  const { logger, lines } = recordLog();
  const bosses: QueueBoss[] = [];
  const workers: Worker[] = [];
  const ran = new Map<string, number>();

  const start = () => startPostgres({ directory, port, maxConnections: 50, durable: false });
  const superuser = async (sql: string) => {
    const client = new Client({ connectionString: server.superuserUrl });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  const open = () => {
    const boss = createBoss({
      connectionString: server.superuserUrl,
      applicationName: "mcsv-test",
      poolMax: 5,
      logger,
    });
    bosses.push(boss);
    return boss;
  };
  const startWorking = async (boss: QueueBoss, handle = () => delay(5)) => {
    await ensureQueues(boss, [testQueue("q", { retryLimit: 20 }), testQueue("next")]);
    workers.push(
      await work(boss, {
        queue: "q",
        concurrency: 5,
        pollIntervalMs: 3_000,
        drainTimeoutMs: 1_000,
        logger,
        handle: ({ id }) => {
          ran.set(id, (ran.get(id) ?? 0) + 1);
          return handle();
        },
        onCompleted: ({ id }) => [{ queue: "next", id, data: {} }],
      }),
    );
  };
  /** Keeps on until the job is in, as the outbox of a caller would. */
  const add = async (boss: QueueBoss) => {
    const id = randomUUID();
    await waitFor("postgres", () => enqueue(boss, "q", { id, data: {} }).then(() => undefined), {
      logger,
      signal: new AbortController().signal,
      maxDelayMs: 200,
    });
    return id;
  };
  const states = async (boss: QueueBoss, ids: readonly string[]) => {
    const { rows } = await boss.database.pool.query<{ state: string; followers: number }>(
      `SELECT state, count(*)::int AS count, count(n.id)::int AS followers
         FROM pgboss.job j LEFT JOIN (SELECT id FROM pgboss.job WHERE name = 'next') n USING (id)
        WHERE j.name = 'q' AND id = ANY($1) GROUP BY state`,
      [ids],
    );
    return rows;
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mcsv-queue-recovery-"));
    await chmod(directory, 0o711);
    port = await freePort();
    server = await start();
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    await Promise.all(bosses.splice(0).map((boss) => boss.stop()));
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("start once the server is there, and wake on notifications again after all their backends were terminated", async () => {
    await server.stop();
    const boss = open();
    const started = waitFor("postgres", () => boss.start().then(() => undefined), {
      logger,
      signal: new AbortController().signal,
      maxDelayMs: 100,
    });
    await expect.poll(() => lines.join("\n")).toContain("waiting for postgres");
    server = await start();
    await started;
    await startWorking(boss);
    await superuser(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'mcsv-test%' AND pid <> pg_backend_pid()",
    );
    // Far below the time between two polls: only a notification can be that fast.
    const pickUp = async () => {
      const id = await add(boss);
      const addedAt = performance.now();
      await expect.poll(() => ran.get(id), RECOVERY).toBe(1);
      return performance.now() - addedAt;
    };
    await expect.poll(pickUp, RECOVERY).toBeLessThan(100);
  });

  it.each([
    ["restarted", "SIGINT" as const],
    ["killed", "SIGQUIT" as const],
  ])(
    "lose nothing and go on when the server is %s under load",
    async (_, signal) => {
      const boss = open();
      await boss.start();
      await startWorking(boss);
      const ids: string[] = [];
      let stop = false;
      const load = (async () => {
        while (!stop) {
          ids.push(await add(boss));
        }
      })();
      await expect.poll(() => ran.size).toBeGreaterThan(50);
      process.kill(server.pid, signal);
      await server.stop();
      await delay(300);
      server = await start();
      const before = ids.length;
      await expect.poll(() => ids.length, RECOVERY).toBeGreaterThan(before + 50);
      stop = true;
      await load;
      await expect
        .poll(() => states(boss, ids), { timeout: 30_000, interval: 200 })
        .toEqual([{ state: "completed", count: ids.length, followers: ids.length }]);
    },
    60_000,
  );

  it("record the end of a job that ended while the server was away", async () => {
    const boss = open();
    await boss.start();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await startWorking(boss, () => released);
    const id = await add(boss);
    await expect.poll(() => ran.get(id)).toBe(1);
    await server.stop();
    release();
    await expect.poll(() => lines.join("\n"), RECOVERY).toContain("cannot record the end of jobs yet");
    server = await start();
    await expect.poll(() => states(boss, [id]), RECOVERY).toEqual([{ state: "completed", count: 1, followers: 1 }]);
    expect(ran.get(id)).toBe(1);
  }, 40_000);

  it("stop in time while the server is away", async () => {
    const boss = open();
    await boss.start();
    await startWorking(boss);
    await server.stop();
    const stoppedAt = performance.now();
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    await boss.stop();
    expect(performance.now() - stoppedAt).toBeLessThan(8_000);
    server = await start();
  }, 40_000);
});
