import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { createTestDatabase, type TestDatabase } from "../../../tests/support/test-database";
import { createBoss, type QueueBoss } from "./create-boss";
import { startCron } from "./cron";
import type { Worker } from "./work";

describe("startCron", () => {
  let database: TestDatabase;
  const { logger } = recordLog();
  const bosses: QueueBoss[] = [];
  const workers: Worker[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    for (let n = 1; n <= 3; n++) {
      const boss = createBoss({
        connectionString: database.url,
        applicationName: `cron-${n}`,
        poolMax: 4,
        cron: true,
        cronIntervalSeconds: 1,
        logger,
      });
      bosses.push(boss);
      await boss.start();
    }
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all(bosses.map((boss) => boss.stop()));
    await database.drop();
  });

  it("runs what is due in one of several processes, and keeps one schedule for all", async () => {
    let running = 0;
    let most = 0;
    const runs: number[] = [];
    for (const [index, boss] of bosses.entries()) {
      const run = async () => {
        most = Math.max(most, ++running);
        runs.push(index);
        await new Promise(setImmediate);
        running--;
      };
      workers.push(await startCron(boss, { name: "tidy", cron: "* * * * *", logger, run }));
    }
    const [boss] = bosses;
    expect(await boss?.getSchedules()).toMatchObject([{ name: "tidy", cron: "* * * * *", timezone: "UTC" }]);
    // Within the minute that has begun: pg-boss takes the latest occurrence of the last sixty seconds as due.
    await expect.poll(() => runs.length, { timeout: 15_000 }).toBeGreaterThan(0);
    expect(most).toBe(1);
    // The next minute may have begun, but no occurrence ran twice.
    const ran = runs.length;
    expect(ran).toBeLessThanOrEqual((await boss?.findJobs("tidy"))?.length ?? 0);
  });

  it("leaves an occurrence out while the one before waits or runs", async () => {
    const [boss] = bosses;
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    await boss?.deleteAllJobs("tidy");
    expect(await boss?.send("tidy", { data: {}, trace: {} })).not.toBeNull();
    expect(await boss?.send("tidy", { data: {}, trace: {} })).toBeNull();
  });

  it("refuses an expression that is none", async () => {
    const [boss] = bosses;
    if (boss === undefined) {
      throw new Error("not started");
    }
    const run = () => Promise.resolve();
    await expect(startCron(boss, { name: "tidy", cron: "61 * * * *", logger, run })).rejects.toThrow();
  });
});
