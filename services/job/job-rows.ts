import type { ClientBase, Pool } from "pg";
import { JobState } from "../../gen/twirp/mcsv/v1/job";
import type { JobPayload } from "../platform/queue/job-payload";
import type { JobData } from "./job-data";
import { QUEUE_NAMES } from "./queues";
import type { JobSelection } from "./requests";

// Reads pg-boss's table with SQL of our own, for what its API cannot answer: jobs by id whatever the queue, newest
// first, by user, and counts that are exact now. Changes nothing. The columns are those of the version that package.json
// pins, and the tests run against them.

/** pg-boss's states. */
export type StoredState = "created" | "retry" | "active" | "completed" | "cancelled" | "failed";

/** A row of pg-boss's table. */
export interface JobRow {
  id: string;
  queue: string;
  state: StoredState;
  data: JobPayload<Partial<JobData>> | null;
  output: unknown;
  retryCount: number;
  retryLimit: number;
  createdOn: Date;
  startAfter: Date;
  startedOn: Date | null;
  completedOn: Date | null;
  /** Output of the job that this dead letter is a copy of. */
  sourceOutput: unknown;
  priority: number;
  uniqueKey: string | null;
}

/** Counts of one queue. */
export interface QueueCounts {
  queue: string;
  ready: number;
  deferred: number;
  active: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** Milliseconds. */
  oldestReadyAge: number;
  /** Null unless the queue is paused. */
  pausedBy: string | null;
  pauseReason: string | null;
  pausedAt: Date | null;
}

const COLUMNS = `id, name AS queue, state, data, output, retry_count AS "retryCount", retry_limit AS "retryLimit",
  created_on AS "createdOn", start_after AS "startAfter", started_on AS "startedOn", completed_on AS "completedOn",
  source_output AS "sourceOutput", priority, singleton_key AS "uniqueKey"`;

/** Returns the job of that id, in whatever queue it is; undefined when there is none. */
export async function findJob(pool: Pool, id: string): Promise<JobRow | undefined> {
  const { rows } = await pool.query<JobRow>(`SELECT ${COLUMNS} FROM pgboss.job WHERE name = ANY($1) AND id = $2`, [
    QUEUE_NAMES,
    id,
  ]);
  return rows[0];
}

/** Returns the job of that id as {@link findJob} does, and keeps others from changing it until the transaction ends. */
export async function lockJob(client: ClientBase, id: string): Promise<JobRow | undefined> {
  const { rows } = await client.query<JobRow>(
    `SELECT ${COLUMNS} FROM pgboss.job WHERE name = ANY($1) AND id = $2 FOR UPDATE`,
    [QUEUE_NAMES, id],
  );
  return rows[0];
}

/** Returns the content hash that a job was enqueued with; undefined when there is no such job. */
export async function findContentHash(db: Pool | ClientBase, queue: string, id: string): Promise<string | undefined> {
  const { rows } = await db.query<{ hash: string | null }>(
    "SELECT data ->> 'contentHash' AS hash FROM pgboss.job WHERE name = $1 AND id = $2",
    [queue, id],
  );
  return rows[0] === undefined ? undefined : (rows[0].hash ?? "");
}

/** Returns the id of a queue's job that waits or runs under a unique key; undefined when there is none. */
export async function findUnfinished(
  db: Pool | ClientBase,
  queue: string,
  uniqueKey: string,
): Promise<string | undefined> {
  // In two parts, because waiting jobs have an index on the key, and of those that run there are few.
  const { rows } = await db.query<{ id: string }>(
    `(SELECT id FROM pgboss.job WHERE name = $1 AND singleton_key = $2 AND state < 'active' LIMIT 1)
     UNION ALL
     (SELECT id FROM pgboss.job WHERE name = $1 AND singleton_key = $2 AND state = 'active' LIMIT 1)
     LIMIT 1`,
    [queue, uniqueKey],
  );
  return rows[0]?.id;
}

/**
 * Returns jobs, newest first, one more than a page has room for when there are more.
 *
 * Each queue is read along its index on (name, created_on). The position is taken from the last job's row, to the
 * microsecond; when that row is gone, from the token's milliseconds.
 */
export async function listJobs(pool: Pool, selection: JobSelection): Promise<JobRow[]> {
  const { queues, state, userId, pageSize, after } = selection;
  const { rows } = await pool.query<JobRow>(
    `WITH position AS (
       SELECT COALESCE(
         (SELECT created_on FROM pgboss.job WHERE name = ANY($1) AND id = $5::uuid),
         $4::timestamptz + interval '1 millisecond'
       ) AS at
     )
     SELECT page.* FROM unnest($1::text[]) AS q (queue) CROSS JOIN LATERAL (
       SELECT ${COLUMNS} FROM pgboss.job
        WHERE name = q.queue
          AND ($2::text IS NULL OR state = $2::pgboss.job_state)
          AND ($3 = '' OR data -> 'data' ->> 'userId' = $3)
          AND ($4::timestamptz IS NULL OR (created_on, id) < ((SELECT at FROM position), $5::uuid))
        ORDER BY created_on DESC, id DESC
        LIMIT $6
     ) AS page
     ORDER BY page."createdOn" DESC, page.id DESC
     LIMIT $6`,
    [queues, storedState(state), userId, after?.createdAt ?? null, after?.id ?? null, pageSize + 1],
  );
  return rows;
}

/** Counts the jobs of every queue by state, as they are now. */
export async function countJobs(pool: Pool): Promise<QueueCounts[]> {
  const { rows } = await pool.query<QueueCounts>(
    `SELECT q.queue,
        count(*) FILTER (WHERE state < 'active' AND start_after <= now())::int AS ready,
        count(*) FILTER (WHERE state < 'active' AND start_after > now())::int AS deferred,
        count(*) FILTER (WHERE state = 'active')::int AS active,
        count(*) FILTER (WHERE state = 'completed')::int AS completed,
        count(*) FILTER (WHERE state = 'failed')::int AS failed,
        count(*) FILTER (WHERE state = 'cancelled')::int AS cancelled,
        COALESCE(
          extract(epoch FROM now() - min(start_after) FILTER (WHERE state < 'active' AND start_after <= now())) * 1000,
          0
        )::float8 AS "oldestReadyAge",
        p.actor AS "pausedBy", p.reason AS "pauseReason", p.paused_at AS "pausedAt"
       FROM unnest($1::text[]) AS q (queue)
       LEFT JOIN paused_queues p ON p.queue = q.queue
       LEFT JOIN pgboss.job j ON j.name = q.queue
      GROUP BY q.queue, p.queue
      ORDER BY q.queue`,
    [QUEUE_NAMES],
  );
  return rows;
}

function storedState(state: JobState): StoredState | null {
  switch (state) {
    case JobState.UNSPECIFIED:
      return null;
    case JobState.QUEUED:
      return "created";
    case JobState.RETRYING:
      return "retry";
    case JobState.ACTIVE:
      return "active";
    case JobState.COMPLETED:
      return "completed";
    case JobState.FAILED:
      return "failed";
    case JobState.CANCELLED:
      return "cancelled";
    default:
      return state satisfies never;
  }
}
