import type { ClientBase } from "pg";
import { withTransaction } from "../postgres/with-transaction";
import type { QueueBoss } from "./create-boss";
import type { JobPayload } from "./job-payload";
import { asDatabase } from "./pg-boss-connections";
import { deadLetterOf } from "./queue-definition";

/** Which dead letters, and who asks for it. */
export interface RedriveOptions {
  /** Most jobs. */
  limit: number;
  /** For the history: what runs before the jobs are changed, in the same transaction. */
  before?: (client: ClientBase) => Promise<void>;
}

interface Letter {
  id: string;
  sourceId: string;
  data: JobPayload<object>;
  priority: number;
}

/**
 * Lets jobs that failed for good run again, oldest first, with all their attempts, and removes their dead letters.
 *
 * Not by pg-boss's own `redrive()`: that gives every job a new id, and ids are what keeps effects from happening twice.
 * Here the job that failed goes back into its queue; one whose row is gone by now is made again under its id.
 *
 * @param queue the queue whose jobs failed, not the dead-letter queue
 * @returns number of jobs that run again
 */
export function redrive(boss: QueueBoss, queue: string, { limit, before }: RedriveOptions): Promise<number> {
  return withTransaction(boss.database.pool, async (client) => {
    await before?.(client);
    const letters = await takeLetters(client, queue, limit);
    const revived = await revive(client, queue, letters);
    const gone = await missing(client, queue, letters);
    if (gone.length > 0) {
      const jobs = gone.map(({ sourceId, data, priority }) => ({ id: sourceId, data, priority }));
      await boss.insert(queue, jobs, { db: asDatabase(client) });
    }
    const { channel } = boss.database;
    if (channel !== undefined) {
      await client.query("SELECT pg_notify($1, $2)", [channel, queue]);
    }
    return revived + gone.length;
  });
}

async function takeLetters(client: ClientBase, queue: string, limit: number): Promise<Letter[]> {
  const { rows } = await client.query<Letter>(
    `WITH oldest AS (
       SELECT id FROM pgboss.job WHERE name = $1 AND state = 'created' AND source_name = $2
        ORDER BY created_on LIMIT $3 FOR UPDATE SKIP LOCKED
     )
     DELETE FROM pgboss.job j USING oldest WHERE j.name = $1 AND j.id = oldest.id
     RETURNING j.id, j.source_id AS "sourceId", j.data, j.priority`,
    [deadLetterOf(queue), queue, limit],
  );
  return rows;
}

/** A job that is not failed any more, because somebody let it run again already, stays as it is. */
async function revive(client: ClientBase, queue: string, letters: readonly Letter[]): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE pgboss.job j
        SET state = 'retry', completed_on = NULL, start_after = now(), heartbeat_on = NULL,
            retry_limit = j.retry_count + 1 + q.retry_limit,
            keep_until = now() + q.retention_seconds * interval '1s'
       FROM pgboss.queue q
      WHERE q.name = $1 AND j.name = $1 AND j.id = ANY($2) AND j.state = 'failed'`,
    [queue, letters.map(({ sourceId }) => sourceId)],
  );
  return rowCount ?? 0;
}

async function missing(client: ClientBase, queue: string, letters: readonly Letter[]): Promise<Letter[]> {
  const { rows } = await client.query<{ id: string }>("SELECT id FROM pgboss.job WHERE name = $1 AND id = ANY($2)", [
    queue,
    letters.map(({ sourceId }) => sourceId),
  ]);
  const there = new Set(rows.map(({ id }) => id));
  return letters.filter(({ sourceId }) => !there.has(sourceId));
}
