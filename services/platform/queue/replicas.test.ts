import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { QueueBoss } from "./create-boss";
import { startQueues, type TestQueues, testQueue } from "./testing/start-queues";
import { work } from "./work";

const JOBS = 300;

describe("three processes that share their queues", () => {
  let queues: TestQueues;
  let replicas: QueueBoss[];
  beforeAll(async () => {
    queues = await startQueues([testQueue("q"), testQueue("next")]);
    replicas = [queues.boss, await queues.another(), await queues.another()];
  });
  afterAll(() => queues.stop());

  it("run each job once between them, and all take part", async () => {
    const ran = new Map<string, number[]>();
    const payload = { data: {}, trace: {} };
    const jobs = Array.from({ length: JOBS }, () => ({ id: randomUUID(), data: payload }));
    await queues.boss.insert("q", jobs);
    for (const [index, boss] of replicas.entries()) {
      const handle = async ({ id }: { id: string }) => {
        ran.set(id, [...(ran.get(id) ?? []), index]);
        await delay(5);
      };
      const onCompleted = ({ id }: { id: string }) => [{ queue: "next", id, data: {} }];
      queues.track(await work(boss, { queue: "q", concurrency: 5, logger: queues.logger, handle, onCompleted }));
    }
    await expect.poll(async () => (await queues.boss.findJobs("next")).length).toBe(JOBS);
    expect([...ran.values()].filter((by) => by.length !== 1)).toEqual([]);
    expect(new Set([...ran.values()].flat())).toEqual(new Set([0, 1, 2]));
  });

  it("have one of them do the maintenance of a queue, which deletes jobs that ended long ago", async () => {
    const { pool } = queues.boss.database;
    await pool.query(`
      CREATE TABLE claims (queue text);
      CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO claims VALUES (NEW.name); RETURN NULL; END $$;
      CREATE TRIGGER note_claim AFTER UPDATE OF maintain_on ON pgboss.queue FOR EACH ROW
        WHEN (NEW.maintain_on IS DISTINCT FROM OLD.maintain_on) EXECUTE FUNCTION note_claim();
      UPDATE pgboss.queue SET maintain_on = now() - interval '2 days';
      DELETE FROM claims;
      UPDATE pgboss.job SET completed_on = now() - interval '30 days' WHERE name = 'q'`);
    await Promise.all(replicas.map((boss) => boss.supervise()));
    await Promise.all(replicas.map((boss) => boss.supervise()));
    expect(await queues.boss.findJobs("q")).toEqual([]);
    const { rows } = await pool.query("SELECT queue, count(*)::int FROM claims GROUP BY queue ORDER BY queue");
    expect(rows).toEqual(["next", "next-dead", "q", "q-dead"].map((queue) => ({ queue, count: 1 })));
  });
});
