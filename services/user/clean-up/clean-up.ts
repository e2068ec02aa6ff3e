import type { Logger } from "../../platform/logging/create-logger";
import type { QueueBoss } from "../../platform/queue/create-boss";
import { startCron } from "../../platform/queue/cron";
import type { Worker } from "../../platform/queue/work";
import { type RemoveDependencies, type Retention, removeExpired } from "./remove-expired";
import { removeOrphans } from "./remove-orphans";

/** How the clean-up is done. */
export interface CleanUpOptions extends RemoveDependencies {
  retention: Retention;
  /** Age from which an object that no row needs counts as an orphan. */
  orphanGraceMs: number;
  /** How long it is remembered which mails were reported, in milliseconds. */
  mailOutcomeMs: number;
  logger: Logger;
}

/** Queue of the clean-up. */
export const CLEAN_UP_QUEUE = "clean-up";

const BATCH = 10_000;
const PRUNE_MAIL_OUTCOMES = `
  DELETE FROM mail_outcomes WHERE job_id IN (
    SELECT job_id FROM mail_outcomes WHERE created_at < now() - $1 * interval '1 millisecond' LIMIT ${BATCH}
  )`;

/**
 * Cleans up by the clock: of all replicas one does it, and another goes on when that one dies.
 *
 * @param cron five fields, in UTC
 */
export function startCleanUp(boss: QueueBoss, cron: string, options: CleanUpOptions): Promise<Worker> {
  return startCron(boss, {
    name: CLEAN_UP_QUEUE,
    cron,
    logger: options.logger,
    run: (signal) => cleanUp(options, signal),
  });
}

/** Removes objects whose time is over and objects that nobody needs, and forgets mails that were reported long ago. */
export async function cleanUp(options: CleanUpOptions, signal: AbortSignal): Promise<void> {
  const { retention, orphanGraceMs, mailOutcomeMs, pool, logger } = options;
  const expired = await removeExpired(options, retention, signal);
  const orphans = await removeOrphans(options, { graceMs: orphanGraceMs, pdfMs: retention.pdfMs }, signal);
  let outcomes = 0;
  for (let count = BATCH; count === BATCH; ) {
    signal.throwIfAborted();
    count = (await pool.query(PRUNE_MAIL_OUTCOMES, [mailOutcomeMs])).rowCount ?? 0;
    outcomes += count;
  }
  logger.info("cleaned up", { expired_objects: expired, orphaned_objects: orphans, mail_outcomes: outcomes });
}
