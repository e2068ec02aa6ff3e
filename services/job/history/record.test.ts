import { randomUUID } from "node:crypto";
import { TwirpErrorCode } from "twirp-ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withTransaction } from "../../platform/postgres/with-transaction";
import type { QueueBoss } from "../../platform/queue/create-boss";
import { enqueue } from "../../platform/queue/enqueue";
import { PermanentError } from "../../platform/queue/permanent-error";
import { deadLetterOf, ensureQueues } from "../../platform/queue/queue-definition";
import { startQueues, type TestQueues, testQueue } from "../../platform/queue/testing/start-queues";
import { type WorkOptions, work } from "../../platform/queue/work";
import { twirpError } from "../../platform/twirp/errors";
import { actAs } from "../control/acting";
import { type EventRow, eventsOfJob } from "./event-rows";
import { maintainHistory } from "./maintain-history";
import { setUpHistory } from "./set-up-history";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

describe("what happens to a job is recorded", () => {
  let queues: TestQueues;
  let boss: QueueBoss;
  let userId: string;

  beforeAll(async () => {
    queues = await startQueues([]);
    boss = queues.boss;
    await setUp();
    await ensureQueues(boss, [testQueue("q")]);
  });
  beforeEach(() => {
    userId = randomUUID();
  });
  afterAll(() => queues.stop());

  const setUp = () => setUpHistory({ connectionString: queues.url, pool: boss.database.pool, logger: queues.logger });
  const sql = async (text: string, values: unknown[] = []) => (await boss.database.pool.query(text, values)).rows;
  const add = async (options: { startAfter?: number } = {}) => {
    const id = randomUUID();
    await enqueue(boss, "q", { id, data: { userId }, ...options });
    return id;
  };
  const events = (id: string) => eventsOfJob(boss.database.pool, id);
  const types = async (id: string) => (await events(id)).map(({ type }) => type);
  /** Works until the job has such an event. */
  const workUntil = async (id: string, type: EventRow["type"], handle: WorkOptions<unknown, unknown>["handle"]) => {
    const worker = await work(boss, {
      queue: "q",
      concurrency: 2,
      logger: queues.logger,
      pollIntervalMs: 100,
      drainTimeoutMs: 100,
      handle,
      store: (result) => result,
    });
    try {
      await expect.poll(() => types(id)).toContain(type);
    } finally {
      await worker.stop();
    }
  };

  it("from its beginning to its end, with attempts, durations, errors and waits", async () => {
    const id = await add();
    await workUntil(id, "completed", ({ attempt }) =>
      attempt === 1
        ? Promise.reject(twirpError(TwirpErrorCode.Unavailable, "no answer", { cause: "object_store_timeout" }))
        : Promise.resolve({ messageId: "1" }),
    );
    const [created, enqueued, first, failed, retry, second, completed] = await events(id);
    expect(created).toMatchObject({ type: "created", queue: "q", attempt: 0, userId, maxAttempts: 3 });
    expect(enqueued).toMatchObject({ type: "enqueued", attempt: 0 });
    expect(first).toMatchObject({ type: "started", attempt: 1 });
    expect(failed).toMatchObject({
      type: "failed",
      attempt: 1,
      errorClass: "object_store_timeout",
      errorCode: "unavailable",
      message: "no answer",
      durationMs: expect.any(Number),
    });
    expect(retry).toMatchObject({
      type: "retry_scheduled",
      attempt: 1,
      reason: "the attempt failed: object_store_timeout",
    });
    expect(Number(retry?.runAt) - Number(retry?.at)).toBeGreaterThan(500_000);
    expect(second).toMatchObject({ type: "started", attempt: 2 });
    expect(completed).toMatchObject({ type: "completed", attempt: 2, detail: { result: { messageId: "1" } } });
    expect(await events(id)).toHaveLength(7);
  });

  it("when it fails for good: in its own history, and in that of its dead letter", async () => {
    const id = await add();
    await workUntil(id, "dead_lettered", () => Promise.reject(new PermanentError("broken", "invalid_argument")));
    const all = await events(id);
    expect(all.map(({ type }) => type)).toEqual(["created", "enqueued", "started", "failed", "dead_lettered"]);
    expect(all[3]).toMatchObject({ errorClass: "invalid_argument", message: "broken", attempt: 1 });
    const copy = String(all[4]?.detail?.to);
    expect(all[4]?.detail).toMatchObject({ from: id });
    expect(await events(copy)).toMatchObject([
      { type: "created", queue: deadLetterOf("q"), detail: { lastFailure: { message: "broken" } } },
      { type: "enqueued" },
    ]);
  });

  it("when its worker goes silent, as expired", async () => {
    const id = await add();
    await boss.fetch("q");
    await sql("UPDATE pgboss.job SET heartbeat_on = now() - interval '1 minute' WHERE id = $1", [id]);
    await workUntil(id, "completed", () => Promise.resolve());
    expect(await events(id)).toContainEqual(
      expect.objectContaining({ type: "expired", attempt: 1, errorClass: "worker_lost", errorCode: "aborted" }),
    );
  });

  it("when pg-boss gives an attempt up by itself", async () => {
    const id = await add();
    await boss.fetch("q");
    await sql("UPDATE pgboss.job SET started_on = now() - interval '2 days' WHERE id = $1", [id]);
    await boss.supervise("q");
    expect((await events(id)).slice(3)).toMatchObject([
      { type: "expired", attempt: 1, errorClass: "attempt_timeout" },
      { type: "retry_scheduled" },
    ]);
    await boss.deleteJob("q", id);
  });

  it("when it is scheduled, moved, cancelled, resumed and deleted", async () => {
    const id = await add({ startAfter: 60 });
    await boss.update("q", undefined, { id, startAfter: 0 });
    await boss.cancel("q", id);
    await boss.resume("q", id);
    await boss.deleteJob("q", id);
    expect(await types(id)).toEqual(["created", "scheduled", "enqueued", "cancelled", "enqueued", "deleted"]);
  });

  it("with its worker, its trace, and whoever acts in a transaction", async () => {
    const id = randomUUID();
    const trace = { traceparent: `00-${TRACE}-b7ad6b7169203331-01` };
    await boss.insert("q", [{ id, data: { data: { userId, enqueuedBy: "service:user" }, trace } }]);
    await boss.fetch("q");
    await withTransaction(boss.database.pool, async (client) => {
      await actAs(client, { actor: "user:ada", reason: "no need" });
      await client.query("UPDATE pgboss.job SET state = 'cancelled', completed_on = now() WHERE id = $1", [id]);
    });
    await boss.deleteJob("q", id);
    const all = await events(id);
    expect(all.map(({ actor }) => actor.replace(/:.*/, ""))).toEqual([
      "service",
      "service",
      "database",
      "user",
      "database",
    ]);
    expect(all[3]).toMatchObject({ type: "cancelled", actor: "user:ada", reason: "no need" });
    expect(new Set(all.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
  });

  it("also when somebody changes the table by hand, with a payload that is not ours", async () => {
    const [{ id }] = (await sql(
      `INSERT INTO pgboss.job (name, data) VALUES ('q', '{"data": {"userId": "nobody"}, "trace": 7}') RETURNING id`,
    )) as [{ id: string }];
    await sql("UPDATE pgboss.job SET data = '[1]', state = 'failed', output = '\"oops\"' WHERE id = $1", [id]);
    await sql("DELETE FROM pgboss.job WHERE id = $1", [id]);
    expect(await events(id)).toMatchObject([
      { type: "created", userId: null, traceId: null, actor: expect.stringMatching(/^database:/) },
      { type: "enqueued" },
      { type: "failed", errorClass: "unknown" },
      { type: "deleted" },
    ]);
  });

  it("in the transaction of the change: both are there, or neither", async () => {
    const id = randomUUID();
    await expect(
      withTransaction(boss.database.pool, async (client) => {
        await enqueue(boss, "q", { id, data: {}, db: client });
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow();
    expect(await events(id)).toEqual([]);
  });

  it("by every partition of the table, also one that is made later, and when all jobs go at once", async () => {
    await boss.createQueue("apart", { partition: true });
    await setUp();
    const id = randomUUID();
    await enqueue(boss, "apart", { id, data: {} });
    await boss.deleteAllJobs("apart");
    expect(await types(id)).toEqual(["created", "enqueued", "deleted"]);
  });

  it("and heartbeats are not", async () => {
    const id = await add();
    await boss.fetch("q");
    await boss.touch("q", id);
    expect(await types(id)).toEqual(["created", "enqueued", "started"]);
    await boss.deleteJob("q", id);
  });

  it("again after pg-boss has made its table anew, with what was missed meanwhile", async () => {
    const known = await add();
    await sql("DROP TRIGGER record_job_inserted ON pgboss.job; DROP TRIGGER record_job_updated ON pgboss.job");
    const missed = await add();
    await boss.cancel("q", known);
    expect(await types(missed)).toEqual([]);
    await setUp();
    expect(await types(known)).toEqual(["created", "enqueued", "cancelled"]);
    expect(await types(missed)).toEqual(["created", "enqueued"]);
    await boss.cancel("q", missed);
    expect(await types(missed)).toEqual(["created", "enqueued", "cancelled"]);
    expect(await sql("SELECT record_jobs_unseen() AS n")).toEqual([{ n: 0 }]);
  });

  describe("for good", () => {
    it.each([
      "UPDATE job_events SET actor = 'nobody'",
      "DELETE FROM job_events",
      "TRUNCATE job_events",
      "DELETE FROM job_events_%TODAY%",
      "TRUNCATE job_events_%TODAY%",
      "INSERT INTO job_events SELECT * FROM job_events LIMIT 1 ON CONFLICT (at, id) DO UPDATE SET actor = 'nobody'",
    ])("the database refuses %s", async (statement) => {
      await add();
      const [{ today }] = (await sql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD') AS today")) as [
        { today: string },
      ];
      await expect(sql(statement.replace("%TODAY%", today))).rejects.toThrow("job_events is append-only");
    });

    it("until retention drops whole days; new ones are there ahead of time", async () => {
      const partitions = async () =>
        (
          await sql(
            "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'job_events'::regclass ORDER BY 1",
          )
        ).map(({ name }) => name as string);
      const ago = async (days: number) =>
        (
          await sql("SELECT 'job_events_' || to_char((now() AT TIME ZONE 'UTC')::date - $1::int, 'YYYYMMDD') AS name", [
            days,
          ])
        )[0].name as string;
      await sql(
        "SELECT create_job_event_partitions((now() AT TIME ZONE 'UTC')::date - 40, (now() AT TIME ZONE 'UTC')::date - 1)",
      );
      const id = randomUUID();
      await sql(
        "INSERT INTO job_events (at, type, job_id, queue, actor) SELECT now() - age * interval '1 day', 'created', $1, 'q', 'test' FROM unnest(ARRAY[29, 32]) AS age",
        [id],
      );
      await maintainHistory(boss.database.pool, { retentionDays: 30, logger: queues.logger });
      const left = await partitions();
      expect(left).toContain(await ago(30));
      expect(left).not.toContain(await ago(31));
      expect(left).toContain(await ago(-7));
      expect(await events(id)).toHaveLength(1);
    });
  });
});
