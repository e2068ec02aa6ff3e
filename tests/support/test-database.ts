import { randomBytes } from "node:crypto";
import { Client, escapeIdentifier } from "pg";
import { inject } from "vitest";

/** A database of one test or test file. */
export interface TestDatabase {
  /** Connection URL of a role that owns the database and is no superuser, as in production. */
  readonly url: string;
  readonly name: string;
  /** Disconnects everyone and removes the database and its role. */
  drop(): Promise<void>;
}

/** Creates an empty database on the run's Postgres server. Call `drop()` in afterAll/afterEach. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = new URL(inject("postgresUrl"));
  const name = `test_${randomBytes(8).toString("hex")}`;
  const password = randomBytes(12).toString("hex");
  const role = escapeIdentifier(name);
  await onServer([
    `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`,
    `CREATE DATABASE ${role} OWNER ${role}`,
    `REVOKE CONNECT ON DATABASE ${role} FROM PUBLIC`,
  ]);
  const url = new URL(serverUrl);
  url.username = name;
  url.password = password;
  url.pathname = `/${name}`;
  return {
    url: url.href,
    name,
    drop: () => onServer([`DROP DATABASE IF EXISTS ${role} WITH (FORCE)`, `DROP ROLE IF EXISTS ${role}`]),
  };
}

/** Runs statements as the superuser of the run's server, each on its own (CREATE DATABASE takes no transaction). */
export async function onServer(statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
