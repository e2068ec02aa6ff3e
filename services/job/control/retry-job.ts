import type { ClientBase } from "pg";
import { withTransaction } from "../../platform/postgres/with-transaction";
import type { QueueBoss } from "../../platform/queue/create-boss";
import { asDatabase } from "../../platform/queue/pg-boss-connections";
import { failedPrecondition } from "../../platform/twirp/errors";
import { type JobRow, lockJob } from "../job-rows";
import { type Act, actAs } from "./acting";
import { forgetDeadLetters } from "./forget-dead-letters";
import { type JobReference, ownJob } from "./own-job";
import { wakeWorkers } from "./wake-workers";

/**
 * Runs a job at once that failed for good, was cancelled, or waits for its time. One that used up its attempts gets one
 * more.
 *
 * @returns the job as it is now
 * @throws TwirpError not_found, failed_precondition (it runs, or is completed)
 */
export async function retryJob(boss: QueueBoss, job: JobReference, act: Act): Promise<JobRow> {
  return await withTransaction(boss.database.pool, async (client) => {
    await actAs(client, act);
    const row = ownJob(await lockJob(client, job.jobId), job);
    await makeReady(boss, client, row);
    await wakeWorkers(boss, client, row.queue);
    return ownJob(await lockJob(client, job.jobId), job);
  });
}

async function makeReady(boss: QueueBoss, client: ClientBase, { id, queue, state }: JobRow): Promise<void> {
  const options = { db: asDatabase(client) };
  switch (state) {
    case "failed":
      await boss.retry(queue, id, options);
      await forgetDeadLetters(client, [id]);
      await startAnew(client, queue, id);
      return;
    case "cancelled":
      await boss.resume(queue, id, options);
      await startAnew(client, queue, id);
      return;
    case "created":
      await startAnew(client, queue, id);
      return;
    case "retry":
      await startNow(client, queue, id);
      return;
    case "active":
    case "completed":
      throw failedPrecondition(state === "active" ? "the job runs" : "the job is completed already", {
        job_id: id,
        state,
      });
    default:
      state satisfies never;
  }
}

/** What did not wait for a worker does from now on: its age and its retention begin anew. */
async function startAnew(client: ClientBase, queue: string, id: string): Promise<void> {
  await client.query(
    `UPDATE pgboss.job j SET start_after = now(), keep_until = now() + q.retention_seconds * interval '1 s'
       FROM pgboss.queue q
      WHERE q.name = $1 AND j.name = $1 AND j.id = $2 AND j.start_after >= now()`,
    [queue, id],
  );
}

async function startNow(client: ClientBase, queue: string, id: string): Promise<void> {
  await client.query("UPDATE pgboss.job SET start_after = now() WHERE name = $1 AND id = $2 AND start_after > now()", [
    queue,
    id,
  ]);
}
