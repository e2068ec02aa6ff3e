import type { Logger } from "../logging/create-logger";
import type { QueueBoss } from "./create-boss";
import { ensureQueues } from "./queue-definition";
import { type Worker, work } from "./work";

/** What is done by the clock. */
export interface CronOptions {
  /** Name of its queue. */
  name: string;
  /** Five fields, in UTC: "17 3 * * *" is every day at 3:17. */
  cron: string;
  logger: Logger;
  /** Does it. May run twice for one occurrence; gives up when the signal fires. */
  run: (signal: AbortSignal) => Promise<void>;
}

const RUN_TIMEOUT_MS = 3_600_000;
const DAY_SECONDS = 24 * 3_600;

/**
 * Does something by the clock: each occurrence is one job, whatever the number of replicas, with heartbeats and retries like
 * any other. An occurrence that comes while the one before waits or runs is left out.
 *
 * @param boss created with `cron: true`, and started
 * @throws when the expression is none
 */
export async function startCron(boss: QueueBoss, { name, cron, logger, run }: CronOptions): Promise<Worker> {
  await ensureQueues(boss, [
    {
      name,
      policy: "exclusive",
      retryLimit: 3,
      retryDelaySeconds: 60,
      retryDelayMaxSeconds: 600,
      keepSeconds: DAY_SECONDS,
    },
  ]);
  // An expression that was changed replaces the one that was stored.
  await boss.schedule(name, cron, { data: {}, trace: {} }, { tz: "UTC" });
  return await work<object, void>(boss, {
    queue: name,
    concurrency: 1,
    logger,
    attemptTimeoutMs: RUN_TIMEOUT_MS,
    handle: ({ signal }) => run(signal),
  });
}
