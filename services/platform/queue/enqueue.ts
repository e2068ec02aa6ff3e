import type { ClientBase } from "pg";
import type { QueueBoss } from "./create-boss";
import { type NewJob, withPayload } from "./job-payload";
import { preparingInserts } from "./pg-boss-connections";

/** A job to enqueue, and how. */
export interface EnqueueOptions extends NewJob {
  /** Connection with an open transaction: the job exists once that commits. A transaction of its own unless given. */
  db?: ClientBase;
  /** Jobs of a higher priority run first; 0 unless given. */
  priority?: number;
  /** Earliest start: a time, or seconds from now. */
  startAfter?: Date | number;
  /** Kept with the job, for the caller to find it by; makes nothing unique by itself. */
  uniqueKey?: string;
}

/**
 * Enqueues a job. Durable once this resolves, or once the transaction commits when `db` is given.
 *
 * @returns `created: false` when the queue has a job of that id already, queued, running, ended or failed; it stays as
 *   it is
 */
export async function enqueue(
  boss: QueueBoss,
  queue: string,
  { db, priority, startAfter, uniqueKey, ...job }: EnqueueOptions,
): Promise<{ created: boolean }> {
  const id = await withPayload(queue, job, (payload) =>
    boss.send(queue, payload, {
      id: job.id,
      ...(priority !== undefined && { priority }),
      ...(startAfter !== undefined && { startAfter }),
      ...(uniqueKey !== undefined && { singletonKey: uniqueKey }),
      db: preparingInserts(db ?? boss.database.pool, queue),
    }),
  );
  return { created: id !== null };
}
