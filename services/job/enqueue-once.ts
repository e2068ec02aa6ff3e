import { jobId } from "../platform/ids/deterministic-id";
import type { QueueBoss } from "../platform/queue/create-boss";
import { enqueue } from "../platform/queue/enqueue";
import { alreadyExists } from "../platform/twirp/errors";
import { findContentHash } from "./job-rows";

/** A job by its idempotency key. */
export interface KeyedJob {
  idempotencyKey: string;
  data: object;
  /** Hash of what the key stands for. */
  contentHash: string;
}

/** A job may be deleted between the two looks at it; more often than once in a row that does not happen. */
const MAX_LOOKS = 3;

/**
 * Enqueues a job under its idempotency key: the first call makes the job, and others with the same content find it,
 * for as long as its row is kept.
 *
 * @returns id of the job
 * @throws TwirpError already_exists with meta.argument = "idempotency_key" when the key stands for other content
 */
export async function enqueueOnce(
  boss: QueueBoss,
  queue: string,
  { idempotencyKey, data, contentHash }: KeyedJob,
): Promise<string> {
  const id = jobId(queue, idempotencyKey);
  for (let look = 1; look <= MAX_LOOKS; look++) {
    const { created } = await enqueue(boss, queue, { id, data, contentHash });
    const stored = created ? contentHash : await findContentHash(boss.database.pool, queue, id);
    if (stored === contentHash) {
      return id;
    }
    if (stored !== undefined) {
      throw alreadyExists("idempotency_key", "the idempotency key stands for a job with other content");
    }
  }
  throw new Error(`job ${id} in ${queue} comes and goes`);
}
