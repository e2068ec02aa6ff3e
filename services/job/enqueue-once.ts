import type { ClientBase, Pool } from "pg";
import { jobId } from "../platform/ids/deterministic-id";
import { withTransaction } from "../platform/postgres/with-transaction";
import type { QueueBoss } from "../platform/queue/create-boss";
import { enqueue } from "../platform/queue/enqueue";
import { alreadyExists, resourceExhausted } from "../platform/twirp/errors";
import type { JobSchedule } from "./job-options";
import { findContentHash, findUnfinished } from "./job-rows";
import type { QueueDepth } from "./queue-depth";

/** A job by its idempotency key. */
export interface KeyedJob {
  idempotencyKey: string;
  data: object;
  /** Hash of what the key stands for. */
  contentHash: string;
  schedule: JobSchedule;
}

/** The job that a call made or found. */
export interface EnqueuedJob {
  jobId: string;
  /** It was there before. */
  existing: boolean;
}

/** What enqueueing takes. */
export interface EnqueueDependencies {
  boss: QueueBoss;
  depth: QueueDepth;
}

/** A job may be deleted between the two looks at it; more often than once in a row that does not happen. */
const MAX_LOOKS = 3;
/** When to ask again after a queue was found full: time for a few hundred jobs at least. */
const FULL_RETRY_AFTER_MS = 5_000;

/**
 * Enqueues a job under its idempotency key: the first call makes the job, and others with the same content find it,
 * for as long as its row is kept. With a unique key, a call also finds the unfinished job of that key.
 *
 * @throws TwirpError already_exists with meta.argument = "idempotency_key" when the key stands for other content;
 *   resource_exhausted with meta.retry_after_ms when the queue is as long as it may be and the job would be a further one
 */
export async function enqueueOnce(
  dependencies: EnqueueDependencies,
  queue: string,
  job: KeyedJob,
): Promise<EnqueuedJob> {
  const { boss, depth } = dependencies;
  const asked = { ...job, id: jobId(queue, job.idempotencyKey) };
  for (let look = 1; look <= MAX_LOOKS; look++) {
    const giveBack = await depth.takePlace(queue);
    const added = giveBack === undefined ? await findInFull(dependencies, queue, asked) : await add(boss, queue, asked);
    if (added.kind === "created") {
      return { jobId: asked.id, existing: false };
    }
    giveBack?.();
    if (added.kind === "unique") {
      return { jobId: added.id, existing: true };
    }
    const stored = await findContentHash(boss.database.pool, queue, asked.id);
    if (stored === asked.contentHash) {
      return { jobId: asked.id, existing: true };
    }
    if (stored !== undefined) {
      throw alreadyExists("idempotency_key", "the idempotency key stands for a job with other content");
    }
  }
  throw new Error(`job ${asked.id} in ${queue} comes and goes`);
}

type AskedJob = KeyedJob & { id: string };

/** What came of adding a job: it is there; its id was taken; another unfinished job has its unique key. */
type Added = { kind: "created" } | { kind: "taken" } | { kind: "unique"; id: string };

function add(boss: QueueBoss, queue: string, job: AskedJob): Promise<Added> {
  const { priority, runAt: startAfter, uniqueKey } = job.schedule;
  const { id, data, contentHash } = job;
  const send = async (db?: ClientBase): Promise<Added> => {
    const { created } = await enqueue(boss, queue, {
      id,
      data,
      contentHash,
      priority,
      ...(startAfter !== undefined && { startAfter }),
      ...(uniqueKey !== undefined && { uniqueKey }),
      ...(db !== undefined && { db }),
    });
    return { kind: created ? "created" : "taken" };
  };
  if (uniqueKey === undefined) {
    return send();
  }
  return withTransaction(boss.database.pool, async (client) => {
    // Rivals with the same key wait here until this one's job can be seen. Two keys of one hash merely wait for each other.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`${queue}/${uniqueKey}`]);
    return (await findExisting(client, queue, job)) ?? (await send(client));
  });
}

/** @throws TwirpError resource_exhausted when the job would be a further one */
async function findInFull({ boss, depth }: EnqueueDependencies, queue: string, job: AskedJob): Promise<Added> {
  const existing = await findExisting(boss.database.pool, queue, job);
  if (existing === undefined) {
    throw resourceExhausted(`${depth.max} jobs wait in ${queue}: try again later`, {
      limit: "queue_depth",
      max_depth: String(depth.max),
      retry_after_ms: String(FULL_RETRY_AFTER_MS),
    });
  }
  return existing;
}

/** The job that a call is answered with in place of a new one; the idempotency key comes before the unique key. */
async function findExisting(
  db: Pool | ClientBase,
  queue: string,
  { id, schedule: { uniqueKey } }: AskedJob,
): Promise<Added | undefined> {
  if ((await findContentHash(db, queue, id)) !== undefined) {
    return { kind: "taken" };
  }
  const other = uniqueKey === undefined ? undefined : await findUnfinished(db, queue, uniqueKey);
  return other === undefined ? undefined : { kind: "unique", id: other };
}
