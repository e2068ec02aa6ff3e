import { withTransaction } from "../../platform/postgres/with-transaction";
import type { QueueBoss } from "../../platform/queue/create-boss";
import { enqueue } from "../../platform/queue/enqueue";
import { asDatabase } from "../../platform/queue/pg-boss-connections";
import type { FollowUp } from "../../platform/queue/queued-job";
import { failedPrecondition } from "../../platform/twirp/errors";
import { emailCallback, imageCallback } from "../callback-jobs";
import { effectIdOf, type ImageConversionJobData } from "../job-data";
import { type JobRow, lockJob } from "../job-rows";
import { EMAIL_QUEUE, IMAGE_CONVERSION_QUEUE } from "../queues";
import { type Act, actAs } from "./acting";
import { type JobReference, ownJob } from "./own-job";
import { checkClaims } from "./wake-workers";

/**
 * Cancels a job that has not ended. Its worker, where it has one, learns of it at once and aborts what it does; what it
 * may still answer is ignored. Whoever waits for the job is told by the callback that a failure gets.
 *
 * @returns the job as it is now; one that was cancelled before is left as it is
 * @throws TwirpError not_found, failed_precondition (it ended otherwise)
 */
export async function cancelJob(boss: QueueBoss, job: JobReference, act: Act): Promise<JobRow> {
  return await withTransaction(boss.database.pool, async (client) => {
    await actAs(client, act);
    const row = ownJob(await lockJob(client, job.jobId), job);
    if (row.state === "cancelled") {
      return row;
    }
    if (row.state === "completed" || row.state === "failed") {
      throw failedPrecondition(`the job is ${row.state} already`, { job_id: row.id, state: row.state });
    }
    await boss.cancel(row.queue, row.id, { db: asDatabase(client) });
    for (const { queue, ...callback } of callbacksOf(row)) {
      await enqueue(boss, queue, { ...callback, db: client });
    }
    if (row.state === "active") {
      await checkClaims(boss, client, row.queue);
    }
    return ownJob(await lockJob(client, job.jobId), job);
  });
}

const CANCELLED = { code: "canceled", message: "the job was cancelled" };

function callbacksOf({ id, queue, data: payload }: JobRow): FollowUp[] {
  const outcome = { oneofKind: "failure", failure: CANCELLED } as const;
  const { userId = "", conversionId = "", originId } = (payload?.data ?? {}) as Partial<ImageConversionJobData>;
  const jobId = effectIdOf({ id, data: originId === undefined ? {} : { originId } });
  switch (queue) {
    case EMAIL_QUEUE:
      return [emailCallback(jobId, userId, outcome)];
    case IMAGE_CONVERSION_QUEUE:
      return [imageCallback({ jobId, userId, conversionId }, outcome)];
    default:
      return [];
  }
}
