import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { createTestDatabase, type TestDatabase } from "../../../tests/support/test-database";
import { checkPool } from "./check-pool";
import { createPool } from "./create-pool";

describe("checkPool", () => {
  let database: TestDatabase;
  let silent: Server;
  const { logger } = recordLog();

  beforeAll(async () => {
    database = await createTestDatabase();
    silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    silent.close();
    await database.drop();
  });

  it("resolves when the server answers", async () => {
    const pool = createPool({ connectionString: database.url, max: 1, applicationName: "check", logger });
    await expect(checkPool(pool)(AbortSignal.timeout(5_000))).resolves.toBeUndefined();
    await pool.end();
  });

  it("rejects with the reason of its signal when the server says nothing", async () => {
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const connectionString = `postgres://a:b@127.0.0.1:${port}/c`;
    const pool = createPool({ connectionString, max: 1, applicationName: "check", logger });
    await expect(checkPool(pool)(AbortSignal.timeout(50))).rejects.toMatchObject({ name: "TimeoutError" });
    await expect(checkPool(pool)(AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
  });
});
