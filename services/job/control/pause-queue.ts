import type { ClientBase } from "pg";
import { withTransaction } from "../../platform/postgres/with-transaction";
import type { QueueBoss } from "../../platform/queue/create-boss";
import { type Act, actAs } from "./acting";
import { wakeWorkers } from "./wake-workers";

/** Who paused a queue. */
export interface Pause {
  actor: string;
  reason: string;
  pausedAt: Date;
}

/**
 * Lets no job of a queue start: the database refuses it, whichever worker asks. Jobs that run go on.
 *
 * @returns the pause: an earlier one where there is one
 */
export async function pauseQueue(boss: QueueBoss, queue: string, act: Act): Promise<Pause> {
  return await withTransaction(boss.database.pool, async (client) => {
    await actAs(client, act);
    const { rowCount } = await client.query(
      "INSERT INTO paused_queues (queue, actor, reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      [queue, act.actor, act.reason],
    );
    if (rowCount === 1) {
      await recordOfQueue(client, "queue_paused", queue);
    }
    const { rows } = await client.query<Pause>(
      `SELECT actor, reason, paused_at AS "pausedAt" FROM paused_queues WHERE queue = $1`,
      [queue],
    );
    return rows[0] ?? { ...act, pausedAt: new Date() };
  });
}

/**
 * Lets the jobs of a queue start again.
 *
 * @returns whether it was paused
 */
export async function resumeQueue(boss: QueueBoss, queue: string, act: Act): Promise<boolean> {
  return await withTransaction(boss.database.pool, async (client) => {
    await actAs(client, act);
    const { rowCount } = await client.query("DELETE FROM paused_queues WHERE queue = $1", [queue]);
    if (rowCount === 0) {
      return false;
    }
    await recordOfQueue(client, "queue_resumed", queue);
    await wakeWorkers(boss, client, queue);
    return true;
  });
}

async function recordOfQueue(client: ClientBase, type: "queue_paused" | "queue_resumed", queue: string): Promise<void> {
  await client.query(
    `INSERT INTO job_events (at, type, queue, actor, trace_id, reason)
     VALUES (clock_timestamp(), $1, $2, job_event_actor(), job_event_setting('mcsv.trace_id'), job_event_setting('mcsv.reason'))`,
    [type, queue],
  );
}
