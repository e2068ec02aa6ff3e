import type { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { createTestDatabase, onServer, type TestDatabase } from "../../../tests/support/test-database";
import { createPool } from "./create-pool";
import { isTransientDatabaseError } from "./is-transient";
import { withTransaction } from "./with-transaction";

describe("withTransaction", () => {
  let database: TestDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await createTestDatabase();
    // One connection: what a transaction leaves behind would show in the next.
    pool = createPool({ connectionString: database.url, max: 1, applicationName: "tx", logger: recordLog().logger });
    await pool.query(`
      CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE child (parent int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
    `);
  });
  beforeEach(() => pool.query("TRUNCATE parent, child"));
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  async function parents(): Promise<number[]> {
    return (await pool.query<{ id: number }>("SELECT id FROM parent ORDER BY id")).rows.map(({ id }) => id);
  }

  it("commits and returns what the work returned", async () => {
    const result = await withTransaction(pool, async (client) => {
      await client.query("INSERT INTO parent VALUES (1), (2)");
      return "done";
    });
    expect(result).toBe("done");
    expect(await parents()).toEqual([1, 2]);
  });

  it("rolls everything back and throws the same error when the work throws", async () => {
    const thrown = new Error("no");
    const attempt = withTransaction(pool, async (client) => {
      await client.query("INSERT INTO parent VALUES (1)");
      throw thrown;
    });
    await expect(attempt).rejects.toBe(thrown);
    expect(await parents()).toEqual([]);
  });

  it("gives the connection back in order after a failed statement", async () => {
    const attempt = withTransaction(pool, async (client) => {
      await client.query("INSERT INTO parent VALUES (1)");
      await client.query("INSERT INTO parent VALUES (1)");
    });
    await expect(attempt).rejects.toMatchObject({ code: "23505" });
    expect(pool.totalCount).toBe(1);
    expect(await parents()).toEqual([]);
  });

  it("throws and stores nothing when only COMMIT finds the violation", async () => {
    const attempt = withTransaction(pool, (client) => client.query("INSERT INTO child VALUES (99)"));
    await expect(attempt).rejects.toMatchObject({ code: "23503" });
    expect((await pool.query("SELECT * FROM child")).rows).toEqual([]);
  });

  it("closes a connection that was lost, so that the next transaction gets a new one", async () => {
    const attempt = withTransaction(pool, async (client) => {
      const { rows } = await client.query("INSERT INTO parent VALUES (1) RETURNING pg_backend_pid() AS pid");
      const ended = new Promise<void>((resolve) => client.once("end", resolve));
      await onServer([`SELECT pg_terminate_backend(${rows[0].pid})`]);
      await ended;
      await client.query("SELECT 1");
    });
    const error = await attempt.catch((caught: unknown) => caught);
    expect(isTransientDatabaseError(error)).toBe(true);
    expect(await parents()).toEqual([]);
  });
});
