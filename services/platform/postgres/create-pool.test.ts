import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort } from "../../../deploy/local/ports/free-ports";
import { type RunningPostgres, startPostgres } from "../../../deploy/local/postgres/start-postgres";
import { recordLog } from "../../../tests/support/record-log";
import { createTestDatabase, onServer, type TestDatabase } from "../../../tests/support/test-database";
import { checkPool } from "./check-pool";
import { createPool } from "./create-pool";
import { isTransientDatabaseError } from "./is-transient";

describe("createPool", () => {
  let database: TestDatabase;
  const pools: Pool[] = [];
  const { logger, lines } = recordLog();

  function open(overrides: Partial<Parameters<typeof createPool>[0]> = {}): Pool {
    const pool = createPool({
      connectionString: database.url,
      max: 2,
      applicationName: "pool-test",
      logger,
      ...overrides,
    });
    pools.push(pool);
    return pool;
  }

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()));
  });
  afterAll(() => database.drop());

  it("names its connections after the service and lets the server end what runs too long", async () => {
    const { rows } = await open().query(
      `SELECT current_setting('application_name') AS name, current_setting('statement_timeout') AS statement,
              current_setting('idle_in_transaction_session_timeout') AS idle`,
    );
    expect(rows).toEqual([{ name: "pool-test", statement: "30s", idle: "1min" }]);
  });

  it("opens no more connections than it may and lets the next caller wait for one", async () => {
    const pool = open();
    const names = await Promise.all(
      Array.from({ length: 10 }, async () => (await pool.query("SELECT pg_backend_pid() AS pid")).rows[0].pid),
    );
    expect(new Set(names).size).toBeLessThanOrEqual(2);
  });

  it("survives that the server ends a connection between two queries of its owner", async () => {
    const pool = open();
    const client = await pool.connect();
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    const ended = new Promise<void>((resolve) => client.once("end", resolve));
    await onServer([`SELECT pg_terminate_backend(${rows[0].pid})`]);
    await ended;
    const error = await client.query("SELECT 1").catch((caught: unknown) => caught);
    client.release(true);
    expect(isTransientDatabaseError(error)).toBe(true);
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  it("survives that the server ends an idle connection, and says so in the log", async () => {
    const pool = open();
    const { rows } = await pool.query("SELECT pg_backend_pid() AS pid");
    lines.length = 0;
    await onServer([`SELECT pg_terminate_backend(${rows[0].pid})`]);
    await vi.waitFor(() => expect(lines).toContainEqual(expect.stringContaining("lost a database connection")));
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  it("fails with a transient error when nothing listens", async () => {
    const nobody = `postgres://nobody:secret@127.0.0.1:${await freePort()}/none`;
    const error = await open({ connectionString: nobody })
      .query("SELECT 1")
      .catch((caught: unknown) => caught);
    expect(isTransientDatabaseError(error)).toBe(true);
    expect(String(error)).not.toContain("secret");
  });
});

describe("createPool, when the server restarts", () => {
  let directory: string;
  let server: RunningPostgres;
  let pool: Pool;
  const { logger, lines } = recordLog();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mcsv-pool-"));
    await chmod(directory, 0o711);
    server = await startPostgres({ directory, port: await freePort(), maxConnections: 20, durable: false });
    pool = createPool({ connectionString: server.superuserUrl, max: 4, applicationName: "restart", logger });
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("fails meanwhile with errors that call for another try, and works again afterwards by itself", async () => {
    await Promise.all([1, 2, 3, 4].map(() => pool.query("SELECT pg_sleep(0.05)")));
    const held = await pool.connect();
    await held.query("BEGIN");
    await server.stop();

    const down = await pool.query("SELECT 1").catch((error: unknown) => error);
    const inTransaction = await held.query("SELECT 1").catch((error: unknown) => error);
    held.release(true);
    const check = checkPool(pool)(AbortSignal.timeout(5_000)).catch((error: unknown) => error);
    expect([down, inTransaction, await check].map(isTransientDatabaseError)).toEqual([true, true, true]);

    server = await startPostgres({ directory, port: server.port, maxConnections: 20, durable: false });
    await checkPool(pool)(AbortSignal.timeout(5_000));
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => pool.query("SELECT $1::int AS n", [n])));
    expect(answers.map(({ rows }) => rows[0].n)).toEqual([1, 2, 3, 4, 5]);
    expect(lines.join("\n")).toContain("lost a database connection");
  });
});
