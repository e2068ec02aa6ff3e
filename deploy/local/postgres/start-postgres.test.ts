import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, type QueryResult } from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../../../tests/support/temporary-directory";
import { freePort } from "../ports/free-ports";
import { isRunning } from "../processes/is-running";
import { createDatabases } from "./create-databases";
import { type RunningPostgres, startPostgres } from "./start-postgres";

const isRoot = process.getuid?.() === 0;

describe("startPostgres", { timeout: 60_000 }, () => {
  it("keeps its data over a stop, in a closed directory with a blank in its name", async () => {
    const directory = join(temporaryDirectory(), "closed to others");
    mkdirSync(directory, { mode: 0o700 });
    const first = await start(directory);
    await query(first.superuserUrl, "CREATE TABLE kept AS SELECT 42 AS answer");
    await first.stop();
    expect(isRunning(first.pid)).toBe(false);
    const second = await start(directory);
    expect((await query(second.superuserUrl, "SELECT answer FROM kept")).rows).toEqual([{ answer: 42 }]);
  });

  it("keeps the superuser's password to this user, and admits nobody without it", async () => {
    const directory = temporaryDirectory();
    const server = await start(directory);
    expect(statSync(join(directory, "cluster", "superuser-password")).mode & 0o777).toBe(0o600);
    const url = new URL(server.superuserUrl);
    url.password = "guessed";
    await expect(query(url.href, "SELECT 1")).rejects.toThrow(/password authentication failed/);
  });

  it("takes the place of a server that an earlier run left behind", async () => {
    const directory = temporaryDirectory();
    const orphan = await start(directory);
    const server = await start(directory);
    expect(isRunning(orphan.pid)).toBe(false);
    await query(server.superuserUrl, "SELECT 1");
  });

  it("starts after a crash although the pid in postmaster.pid now belongs to another program", async () => {
    const directory = temporaryDirectory();
    const first = await start(directory);
    await first.stop();
    const stale = `${process.pid}\n${first.dataDirectory}\n1700000000\n${first.port}\n\n127.0.0.1\n`;
    writeFileSync(join(first.dataDirectory, "postmaster.pid"), stale);
    const second = await start(directory);
    await query(second.superuserUrl, "SELECT 1");
    expect(isRunning(process.pid)).toBe(true);
  });

  it("begins anew after a creation that was interrupted", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "creating-x", "data"), { recursive: true });
    mkdirSync(join(directory, "cluster", "data"), { recursive: true });
    await start(directory);
    expect(readdirSync(directory).sort()).toEqual(["cluster", "postgres.log"]);
  });

  it.runIf(isRoot)("takes data over that were copied as root", async () => {
    const directory = temporaryDirectory();
    const first = await start(directory);
    await first.stop();
    const all = readdirSync(first.dataDirectory, { recursive: true, encoding: "utf8" });
    for (const entry of [".", ...all]) chownSync(join(first.dataDirectory, entry), 0, 0);
    chmodSync(first.dataDirectory, 0o755);
    const second = await start(directory);
    await query(second.superuserUrl, "SELECT 1");
  });

  it("gives the end of the server's log when it does not come up", async () => {
    const first = await start(temporaryDirectory());
    await expect(start(temporaryDirectory(), first.port)).rejects.toThrow(/could not bind .*Address already in use/);
  });
});

describe("createDatabases", { timeout: 60_000 }, () => {
  it("gives each role a database that the others cannot connect to, and can be repeated", async () => {
    const server = await start(temporaryDirectory());
    const passwords = { mcsv_one: "first'; DROP", mcsv_two: "second" };
    await createDatabases(server.superuserUrl, passwords);
    await createDatabases(server.superuserUrl, passwords);
    const url = (role: keyof typeof passwords, database: string) => {
      const target = new URL(server.superuserUrl);
      target.username = role;
      target.password = encodeURIComponent(passwords[role]);
      target.pathname = `/${database}`;
      return target.href;
    };
    await query(url("mcsv_one", "mcsv_one"), "CREATE SCHEMA own CREATE TABLE t (id int)");
    for (const database of ["mcsv_two", "postgres", "template1"]) {
      await expect(query(url("mcsv_one", database), "SELECT 1")).rejects.toThrow(/permission denied for database/);
    }
    const roles = await query(server.superuserUrl, "SELECT FROM pg_roles WHERE rolname ~ '^mcsv' AND rolsuper");
    expect(roles.rows).toEqual([]);
  });
});

async function start(directory: string, port?: number): Promise<RunningPostgres> {
  const server = await startPostgres({
    directory,
    port: port ?? (await freePort()),
    maxConnections: 20,
    durable: false,
  });
  onTestFinished(() => server.stop());
  return server;
}

async function query(connectionString: string, sql: string): Promise<QueryResult> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
