import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { createTestDatabase, type TestDatabase } from "../../../tests/support/test-database";
import { migrate } from "./migrate";

describe("migrate", () => {
  let database: TestDatabase;
  let directory: string;
  const { logger, lines } = recordLog();

  beforeEach(async () => {
    database = await createTestDatabase();
    directory = await mkdtemp(join(tmpdir(), "mcsv-migrate-"));
    lines.length = 0;
  });
  afterEach(async () => {
    await Promise.all([database.drop(), rm(directory, { recursive: true })]);
  });

  function run(): Promise<void> {
    return migrate({ connectionString: database.url, directory, logger });
  }

  async function addMigrations(files: Record<string, string>): Promise<void> {
    await Promise.all(Object.entries(files).map(([name, sql]) => writeFile(join(directory, name), sql)));
  }

  async function query(sql: string): Promise<unknown[]> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it("applies plain SQL once each, in the order of the numbers, and says which", async () => {
    await addMigrations({
      "000010_last.sql": "INSERT INTO t VALUES ('last')",
      "000002_next.sql": "INSERT INTO t VALUES ('next');\n-- a comment at the end",
      "000001_first.sql":
        "CREATE TABLE t (at text);\nCREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'a;b' $$;\n",
    });
    await run();
    await run();
    expect(await query("SELECT at FROM t")).toEqual([{ at: "next" }, { at: "last" }]);
    expect(await query("SELECT name FROM schema_migrations ORDER BY id")).toEqual([
      { name: "000001_first" },
      { name: "000002_next" },
      { name: "000010_last" },
    ]);
    const told = lines.filter((line) => line.includes("database migrated"));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('["000001_first","000002_next","000010_last"]');
  });

  it("applies each migration once when several processes start at the same moment", async () => {
    await addMigrations({
      "000001_slow.sql": "SELECT pg_sleep(0.5); CREATE TABLE t (at timestamptz)",
      "000002_row.sql": "INSERT INTO t VALUES (now())",
    });
    const built = join(__dirname, "../../../dist/services/platform/postgres/migrate.js");
    const script = `
      const [connectionString, directory] = process.argv.slice(1);
      const told = { info: (message) => console.log(message), warn() {}, error() {}, debug() {} };
      require(${JSON.stringify(built)}).migrate({ connectionString, directory, logger: told });`;
    const processes = Array.from({ length: 2 }, () =>
      promisify(execFile)(process.execPath, ["-e", script, database.url, directory]),
    );
    // And some in this one, where the race is closer: each call has a session of its own, and that is all Postgres sees.
    const [outputs] = await Promise.all([Promise.all(processes), Promise.all(Array.from({ length: 4 }, run))]);
    expect(await query("SELECT count(*)::int AS rows FROM t")).toEqual([{ rows: 1 }]);
    const told = [...lines, ...outputs.map(({ stdout }) => stdout)].filter((line) =>
      line.includes("database migrated"),
    );
    expect(told).toHaveLength(1);
  });

  it("applies all or nothing, names the migration that failed, and goes on once it is mended", async () => {
    await addMigrations({
      "000001_good.sql": "CREATE TABLE t (id int)",
      "000002_bad.sql": "INSERT INTO t VALUES ('x')",
    });
    await expect(run()).rejects.toMatchObject({ code: "22P02" });
    expect(await query("SELECT to_regclass('t') AS t")).toEqual([{ t: null }]);
    expect(lines.join("\n")).toContain("INSERT INTO t VALUES ('x')");

    await addMigrations({ "000002_bad.sql": "INSERT INTO t VALUES (1)" });
    await run();
    expect(await query("SELECT id FROM t")).toEqual([{ id: 1 }]);
  });

  it("lets the next process work when one died holding the lock", async () => {
    await addMigrations({ "000001_slow.sql": "SELECT pg_sleep(60); CREATE TABLE t ()" });
    const dying = run().catch((error: unknown) => error);
    await expect
      .poll(() =>
        query("SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"),
      )
      .toHaveLength(1);
    await addMigrations({ "000001_slow.sql": "CREATE TABLE t ()" });
    const next = run();
    await query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()",
    );
    expect(await dying).toBeInstanceOf(Error);
    await next;
    expect(await query("SELECT name FROM schema_migrations")).toEqual([{ name: "000001_slow" }]);
  });

  it("refuses a migration whose number comes before one that was applied", async () => {
    await addMigrations({ "000002_second.sql": "SELECT 1" });
    await run();
    await addMigrations({ "000001_late.sql": "SELECT 1" });
    await expect(run()).rejects.toThrow(/000001_late/);
  });

  it("reads only .sql files", async () => {
    await addMigrations({
      "000001_a.sql": "CREATE TABLE t ()",
      "000001_a.js": "throw new Error('run')",
      ".DS_Store": "x",
    });
    await mkdir(join(directory, "nested"));
    await run();
    expect(await query("SELECT name FROM schema_migrations")).toEqual([{ name: "000001_a" }]);
  });
});
