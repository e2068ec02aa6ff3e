import type { Pool } from "pg";
import type { JobFailure } from "../../platform/queue/failure";
import type { EventFilter } from "./event-filter";
import { type EventPosition, SqlConditions } from "./sql-conditions";

/** What happened, as the database calls it. */
export type EventType =
  | "created"
  | "enqueued"
  | "scheduled"
  | "started"
  | "failed"
  | "expired"
  | "retry_scheduled"
  | "completed"
  | "cancelled"
  | "dead_lettered"
  | "replayed"
  | "deleted"
  | "queue_paused"
  | "queue_resumed";

/** A row of job_events. Times are microseconds since the epoch, as text. */
export interface EventRow {
  id: string;
  at: string;
  type: EventType;
  /** Null for what happens to a queue. */
  jobId: string | null;
  queue: string;
  attempt: number;
  maxAttempts: number | null;
  userId: string | null;
  actor: string;
  traceId: string | null;
  errorClass: string | null;
  errorCode: string | null;
  message: string | null;
  reason: string | null;
  runAt: string | null;
  durationMs: number | null;
  detail: EventDetail | null;
}

/** What only some events carry. */
export interface EventDetail {
  /** What the job produced, in protobuf's JSON. */
  result?: object;
  /** What a job began with. */
  priority?: number;
  uniqueKey?: string;
  lastFailure?: JobFailure;
  /** Jobs that are linked. */
  from?: string;
  to?: string;
}

const COLUMNS = `id::text, (extract(epoch FROM at) * 1000000)::bigint::text AS at, type, job_id AS "jobId", queue, attempt,
  max_attempts AS "maxAttempts", user_id AS "userId", actor, trace_id AS "traceId", error_class AS "errorClass",
  error_code AS "errorCode", message, reason, (extract(epoch FROM run_at) * 1000000)::bigint::text AS "runAt",
  duration_ms AS "durationMs", detail`;

/** All events of a job up to a time (microseconds since the epoch; all unless given), oldest first. */
export async function eventsOfJob(pool: Pool, jobId: string, until?: bigint): Promise<EventRow[]> {
  const where = new SqlConditions();
  where.add((value) => `job_id = ${value}`, jobId);
  if (until !== undefined) {
    where.atMost(until);
  }
  const { rows } = await pool.query<EventRow>(
    `SELECT ${COLUMNS} FROM job_events WHERE ${where} ORDER BY job_events.id`,
    where.values,
  );
  return rows;
}

/** Events that a filter selects, newest first, after a position. */
export async function searchEvents(
  pool: Pool,
  filter: EventFilter,
  { limit, after }: { limit: number; after?: EventPosition | undefined },
): Promise<EventRow[]> {
  const where = new SqlConditions();
  where.matching(filter);
  if (after !== undefined) {
    where.before(after);
  }
  const { rows } = await pool.query<EventRow>(
    `SELECT ${COLUMNS} FROM job_events WHERE ${where} ORDER BY job_events.at DESC, job_events.id DESC LIMIT ${limit}`,
    where.values,
  );
  return rows;
}
