import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "./test-database";

describe("createTestDatabase", () => {
  let one: TestDatabase;
  let other: TestDatabase;
  beforeAll(async () => {
    [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  });
  afterAll(async () => {
    await Promise.all([one.drop(), other.drop()]);
  });

  it("gives an empty database in which the caller may create schemas and tables", async () => {
    await withClient(one.url, async (client) => {
      await client.query("CREATE SCHEMA s CREATE TABLE t (id int)");
      const { rows } = await client.query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user");
      expect(rows).toEqual([{ rolsuper: false }]);
    });
  });

  it("keeps other databases' roles out", async () => {
    const url = new URL(one.url);
    url.pathname = `/${other.name}`;
    await expect(withClient(url.href, async () => undefined)).rejects.toThrow(/permission denied for database/);
  });

  it("is gone after drop, even while somebody is connected", async () => {
    const third = await createTestDatabase();
    const client = new Client({ connectionString: third.url });
    client.on("error", () => undefined);
    await client.connect();
    await third.drop();
    await expect(withClient(third.url, async () => undefined)).rejects.toThrow(/authentication failed|does not exist/);
  });
});

async function withClient(url: string, use: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
