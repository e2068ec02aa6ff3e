import type { Pool } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { createTestDatabase, type TestDatabase } from "../../../tests/support/test-database";
import { createPool } from "./create-pool";
import { type Periodic, type PeriodicOptions, runPeriodically } from "./run-periodically";

describe("runPeriodically", () => {
  let database: TestDatabase;
  const { logger, lines } = recordLog();
  const pools: Pool[] = [];
  const started: Periodic[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    for (const applicationName of ["one", "two"]) {
      pools.push(createPool({ connectionString: database.url, max: 2, applicationName, logger }));
    }
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((periodic) => periodic.stop()));
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await database.drop();
  });

  const start = (run: PeriodicOptions["run"]) => {
    for (const pool of pools) {
      started.push(runPeriodically({ pool, name: "tidy", intervalMs: 20, logger, run }));
    }
  };

  it("runs in one process at a time, again and again", async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    start(async (client) => {
      most = Math.max(most, ++running);
      await client.query("SELECT pg_sleep(0.03)");
      running--;
      runs++;
    });
    await expect.poll(() => runs).toBeGreaterThan(5);
    expect(most).toBe(1);
  });

  it("goes on after an error, in whatever process", async () => {
    let runs = 0;
    start(async (client) => {
      runs++;
      await client.query("SELECT nonsense");
    });
    await expect.poll(() => runs).toBeGreaterThan(3);
    expect(lines.join("\n")).toContain("tidy failed, and is tried again later");
  });

  it("stops when told to, and lets what runs give up", async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const reasons: boolean[] = [];
    start(async (_, signal) => {
      resolve();
      await new Promise((end) => signal.addEventListener("abort", end, { once: true }));
      reasons.push(signal.aborted);
    });
    await begun;
    await Promise.all(started.splice(0).map((periodic) => periodic.stop()));
    expect(reasons).toEqual([true]);
  });
});
