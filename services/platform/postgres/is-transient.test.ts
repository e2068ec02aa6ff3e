import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, onServer, type TestDatabase } from "../../../tests/support/test-database";
import { isTransientDatabaseError } from "./is-transient";

describe("isTransientDatabaseError", () => {
  let database: TestDatabase;
  let one: Client;
  let two: Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    one = await connect(database.url);
    two = await connect(database.url);
    await one.query("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL); INSERT INTO t VALUES (1, 0), (2, 0)");
  });
  afterAll(async () => {
    await Promise.all([one.end(), two.end()]);
    await database.drop();
  });

  it("is true for a deadlock's victim", async () => {
    await one.query("BEGIN; UPDATE t SET n = 1 WHERE id = 1");
    await two.query("BEGIN; UPDATE t SET n = 2 WHERE id = 2");
    const results = await Promise.allSettled([
      one.query("UPDATE t SET n = 1 WHERE id = 2"),
      two.query("UPDATE t SET n = 2 WHERE id = 1").finally(() => two.query("ROLLBACK")),
    ]);
    await one.query("ROLLBACK");
    const failed = results.filter((result) => result.status === "rejected");
    expect(failed.map(({ reason }) => [reason.code, isTransientDatabaseError(reason)])).toEqual([["40P01", true]]);
  });

  it("is true for a serialization failure", async () => {
    await one.query("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT sum(n) FROM t");
    await two.query("UPDATE t SET n = n + 1 WHERE id = 1");
    const error = await failure(one.query("UPDATE t SET n = n + 1 WHERE id = 1"));
    await one.query("ROLLBACK");
    expect(error).toMatchObject({ code: "40001" });
    expect(isTransientDatabaseError(error)).toBe(true);
  });

  it.each([
    ["a statement that ran out of time", "SET statement_timeout = 20; SELECT pg_sleep(10)", "57014"],
    ["a lock that somebody holds", "SELECT * FROM t WHERE id = 1 FOR UPDATE NOWAIT", "55P03"],
  ])("is true for %s", async (_what, sql, code) => {
    await two.query("BEGIN; SELECT * FROM t WHERE id = 1 FOR UPDATE");
    const error = await failure(one.query(sql));
    await Promise.all([one.query("RESET statement_timeout"), two.query("ROLLBACK")]);
    expect(error).toMatchObject({ code });
    expect(isTransientDatabaseError(error)).toBe(true);
  });

  it("is true when the server has no connection left for this role", async () => {
    await onServer([`ALTER ROLE "${database.name}" CONNECTION LIMIT 2`]);
    const error = await failure(connect(database.url));
    await onServer([`ALTER ROLE "${database.name}" CONNECTION LIMIT -1`]);
    expect(error).toMatchObject({ code: "53300" });
    expect(isTransientDatabaseError(error)).toBe(true);
  });

  it("is true when a host cannot be reached, even behind several addresses", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED ::1:1"), { code: "ECONNREFUSED" });
    expect(isTransientDatabaseError(refused)).toBe(true);
    expect(isTransientDatabaseError(new AggregateError([refused]))).toBe(true);
  });

  it.each([
    ["a duplicate key", "INSERT INTO t VALUES (1, 1)", "23505"],
    ["a missing value", "INSERT INTO t VALUES (3, NULL)", "23502"],
    ["wrong SQL", "SELEC 1", "42601"],
    ["a missing table", "SELECT * FROM nowhere", "42P01"],
    ["a text that is no number", "SELECT 'x'::int", "22P02"],
  ])("is false for %s", async (_what, sql, code) => {
    const error = await failure(one.query(sql));
    expect(error).toMatchObject({ code });
    expect(isTransientDatabaseError(error)).toBe(false);
  });

  it("is false for a wrong password", async () => {
    const url = new URL(database.url);
    url.password = "wrong";
    const error = await failure(connect(url.href));
    expect(error).toMatchObject({ code: "28P01" });
    expect(isTransientDatabaseError(error)).toBe(false);
  });

  it("is false for errors that have nothing to do with a database, and for what is no error", () => {
    const others = [new Error("x"), new TypeError("y"), "ECONNREFUSED", undefined, { code: "40001" }];
    expect(others.filter(isTransientDatabaseError)).toEqual([]);
  });
});

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

async function failure(attempt: Promise<unknown>): Promise<unknown> {
  try {
    await attempt;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
