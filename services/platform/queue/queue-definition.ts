import type { PgBoss, UpdateQueueOptions } from "pg-boss";

/** What a queue is and how its jobs are retried. */
export interface QueueDefinition {
  /** Lower case words with hyphens. */
  name: string;
  /** Queue that gets a copy of every job that failed for good; created when missing. */
  deadLetter?: string;
  /** exclusive: no second job while one waits or runs. Any number unless given; stays what it was when the queue was made. */
  policy?: "exclusive";
  /** Attempts after the first, 0 or more. */
  retryLimit: number;
  /**
   * Unit of the wait before an attempt: between 1 and 2 of it before the second, between 2 and 4 before the third, and
   * so on, at random. At least 1.
   */
  retryDelaySeconds: number;
  /** Longest wait before an attempt. */
  retryDelayMaxSeconds: number;
  /**
   * Longest an attempt may take before pg-boss, rather than the worker itself, gives up on it: a last resort, well
   * above the worker's own limit. At most 24 hours.
   */
  expireInSeconds?: number;
  /** How long a job that ended stays; its id, and with it its idempotency key, is taken until then. */
  keepSeconds?: number;
  /** How long a job may wait for its turn before it is dropped. */
  retentionSeconds?: number;
}

const DAY_SECONDS = 24 * 60 * 60;
const KEEP_SECONDS = 7 * DAY_SECONDS;
const RETENTION_SECONDS = 30 * DAY_SECONDS;

/** Name of the dead-letter queue of a queue. */
export function deadLetterOf(queue: string): string {
  return `${queue}-dead`;
}

/**
 * Creates the queues that are missing, dead-letter queues among them, and brings the others up to their definition.
 * Jobs that are already queued keep what was in force when they were enqueued. Any number of processes may call it at
 * once.
 */
export async function ensureQueues(boss: PgBoss, definitions: readonly QueueDefinition[]): Promise<void> {
  for (const definition of definitions) {
    if (definition.deadLetter !== undefined) {
      await ensureQueue(boss, definition.deadLetter, deadLetterOptions());
    }
    await ensureQueue(boss, definition.name, queueOptions(definition), definition.policy);
  }
}

async function ensureQueue(
  boss: PgBoss,
  name: string,
  options: UpdateQueueOptions,
  policy: QueueDefinition["policy"] = undefined,
): Promise<void> {
  if ((await boss.getQueue(name)) === null) {
    await boss.createQueue(name, policy === undefined ? {} : { policy });
  }
  await boss.updateQueue(name, options);
}

function queueOptions(definition: QueueDefinition): UpdateQueueOptions {
  return {
    deadLetter: definition.deadLetter ?? null,
    // One in reserve: whatever ends the last attempt, it is a worker that has the last word and reports the failure.
    retryLimit: definition.retryLimit + 1,
    retryBackoff: true,
    retryDelay: definition.retryDelaySeconds,
    retryDelayMax: definition.retryDelayMaxSeconds,
    expireInSeconds: definition.expireInSeconds ?? DAY_SECONDS,
    deleteAfterSeconds: definition.keepSeconds ?? KEEP_SECONDS,
    retentionSeconds: definition.retentionSeconds ?? RETENTION_SECONDS,
    notify: true,
  };
}

/** Nobody works on dead letters: they wait for a person, for as long as anything does. */
function deadLetterOptions(): UpdateQueueOptions {
  return {
    retryLimit: 0,
    deleteAfterSeconds: KEEP_SECONDS,
    retentionSeconds: RETENTION_SECONDS,
  };
}
