import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Timestamp } from "../../../gen/twirp/google/protobuf/timestamp";
import type { Job } from "../../../gen/twirp/mcsv/v1/job";
import type { ClaimedRow } from "../../platform/queue/claim";
import type { QueueBoss } from "../../platform/queue/create-boss";
import { enqueue } from "../../platform/queue/enqueue";
import { completedOutput } from "../../platform/queue/job-output";
import { redrive } from "../../platform/queue/redrive";
import { type Settlement, settle } from "../../platform/queue/settle";
import { startQueues, type TestQueues, testQueue } from "../../platform/queue/testing/start-queues";
import type { JobRow } from "../job-rows";
import { findJob } from "../job-rows";
import { jobToProto } from "../to-proto";
import { eventsOfJob } from "./event-rows";
import { foldedJobToProto } from "./event-to-proto";
import { foldEvents } from "./fold-events";
import { setUpHistory } from "./set-up-history";

const QUEUE = "email";
const FAILURE = { code: "unavailable", message: "the SMTP server is down" };

/** What may happen to the jobs of a queue, by this service, by pg-boss, and by people with a client of their own. */
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("enqueue" as const), inSeconds: fc.constantFrom(0, 0, 60) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("fetch" as const), count: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("completed", "retry", "failed", "snoozed", "handed-back"),
      job: fc.nat(20),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("cancel", "resume", "rerun", "delete", "restore", "hasten", "postpone", "touch"),
      job: fc.nat(20),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("expire", "redrive", "make due") }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

/** All jobs at a time, as pg-boss has them. */
interface Snapshot {
  at: bigint;
  after: string;
  jobs: Map<string, Job>;
}

describe("folding the history of a job", () => {
  let queues: TestQueues;
  let boss: QueueBoss;

  beforeAll(async () => {
    queues = await startQueues([testQueue(QUEUE, { retryLimit: 1 })]);
    boss = queues.boss;
    await setUpHistory({
      connectionString: queues.url,
      pool: boss.database.pool,
      logger: queues.logger,
    });
  });
  afterAll(() => queues.stop());

  it("gives what pg-boss has, now and at any past time, whatever is done in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 30 }), async (operations) => {
        await boss.deleteAllJobs();
        const ids: string[] = [];
        const snapshots: Snapshot[] = [];
        for (const one of operations) {
          await carryOut(one, ids);
          snapshots.push(await snapshot(JSON.stringify(one)));
        }
        const seen = new Set(snapshots.flatMap(({ jobs }) => [...jobs.keys()]));
        for (const id of seen) {
          const events = await eventsOfJob(boss.database.pool, id);
          for (const { at, after, jobs } of snapshots) {
            const folded = foldEvents(events.filter((event) => BigInt(event.at) <= at));
            const there = folded === undefined || folded.deletedAt !== undefined ? undefined : foldedJobToProto(folded);
            expect(comparable(there), `after ${after}`).toEqual(comparable(jobs.get(id)));
            expect(Math.abs(runAtMs(there) - runAtMs(jobs.get(id))), `after ${after}`).toBeLessThan(2);
          }
        }
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  async function carryOut(one: Operation, ids: string[]): Promise<void> {
    const { pool } = boss.database;
    if (one.kind === "enqueue" && "inSeconds" in one) {
      const id = randomUUID();
      ids.push(id);
      await enqueue(boss, QUEUE, {
        id,
        data: { userId: randomUUID() },
        startAfter: one.inSeconds,
        priority: one.inSeconds,
      });
      return;
    }
    if (one.kind === "fetch" && "count" in one) {
      await boss.fetch(QUEUE, { batchSize: one.count });
      return;
    }
    const id = "job" in one ? ids[one.job % Math.max(1, ids.length)] : undefined;
    switch (one.kind) {
      case "expire":
        await pool.query("UPDATE pgboss.job SET started_on = started_on - interval '2 days' WHERE state = 'active'");
        await boss.supervise(QUEUE);
        return;
      case "redrive":
        await redrive(boss, QUEUE, { limit: 10 });
        return;
      case "make due":
        await pool.query("UPDATE pgboss.job SET start_after = now() WHERE state < 'active'");
        return;
    }
    if (id === undefined) return;
    switch (one.kind) {
      case "cancel":
        await boss.cancel(QUEUE, id);
        return;
      case "resume":
        await boss.resume(QUEUE, id);
        return;
      case "rerun":
        await boss.retry(QUEUE, id);
        return;
      case "delete":
        await boss.deleteJob(QUEUE, id);
        return;
      case "restore":
        // What pg-boss does with a job that it fetched and cannot run.
        await pool.query(
          "UPDATE pgboss.job SET state = 'created', started_on = NULL, heartbeat_on = NULL WHERE id = $1 AND state = 'active'",
          [id],
        );
        return;
      case "touch":
        await boss.touch(QUEUE, id);
        return;
      case "hasten":
        await boss.update(QUEUE, undefined, { id, startAfter: 0 });
        return;
      case "postpone":
        await boss.update(QUEUE, undefined, { id, startAfter: 30 });
        return;
      default:
        await end(one.kind as Settlement["kind"], id);
    }
  }

  async function end(kind: Settlement["kind"], id: string): Promise<void> {
    const { rows } = await boss.database.pool.query<ClaimedRow>(
      `SELECT id, data, output, retry_count AS "retryCount", retry_limit AS "retryLimit" FROM pgboss.job
        WHERE name = $1 AND id = $2`,
      [QUEUE, id],
    );
    const [row] = rows;
    if (row === undefined) return;
    const settlement = {
      row,
      kind,
      failure: FAILURE,
      forMs: 10,
      followUps: [],
      output: completedOutput({ messageId: "1@mcsv.example", recipientAddress: "ada@example.com" }, row.output),
    } as unknown as Settlement;
    await settle(boss, QUEUE, [settlement]);
  }

  async function snapshot(after: string): Promise<Snapshot> {
    const { rows } = await boss.database.pool.query<{ id: string }>("SELECT id FROM pgboss.job");
    const jobs = new Map<string, Job>();
    for (const { id } of rows) {
      const row: JobRow | undefined = await findJob(boss.database.pool, id);
      if (row !== undefined) jobs.set(id, jobToProto(row));
    }
    const now = await boss.database.pool.query<{ at: string }>(
      "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text AS at",
    );
    return { at: BigInt(now.rows[0]?.at ?? 0), after, jobs };
  }
});

/** Times of transactions and of the events in them differ by what a statement takes; that they are set does not. */
function comparable(job: Job | undefined) {
  if (job === undefined) return undefined;
  const { createdAt, startedAt, endedAt, runAt, ...rest } = job;
  return {
    ...rest,
    startedAt: startedAt !== undefined,
    endedAt: endedAt !== undefined,
    createdAt: createdAt !== undefined,
    runAt: runAt !== undefined,
  };
}

function runAtMs(job: Job | undefined): number {
  return job?.runAt === undefined ? 0 : Timestamp.toDate(job.runAt).getTime();
}
