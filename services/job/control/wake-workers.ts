import type { ClientBase } from "pg";
import type { QueueBoss } from "../../platform/queue/create-boss";
import { claimsOf } from "../../platform/queue/heartbeat";

/** Tells the workers of a queue, in every process, that there may be jobs; once the transaction commits. */
export async function wakeWorkers(boss: QueueBoss, client: ClientBase, queue: string): Promise<void> {
  await notify(boss, client, queue);
}

/** Tells the workers of a queue, in every process, that a job they run may not be theirs any more. */
export async function checkClaims(boss: QueueBoss, client: ClientBase, queue: string): Promise<void> {
  await notify(boss, client, claimsOf(queue));
}

async function notify(boss: QueueBoss, client: ClientBase, payload: string): Promise<void> {
  if (boss.database.channel !== undefined) {
    await client.query("SELECT pg_notify($1, $2)", [boss.database.channel, payload]);
  }
}
