import { join } from "node:path";
import type { Pool } from "pg";
import type { Logger } from "../../platform/logging/create-logger";
import { migrate } from "../../platform/postgres/migrate";
import { createPartitions } from "./maintain-history";

/** What the history is set up with. */
export interface HistoryOptions {
  /** Database of the queues. */
  connectionString: string;
  /** The same. */
  pool: Pool;
  logger: Logger;
}

/**
 * Makes the database record what happens to jobs. To be called once pg-boss has created or migrated its schema, which
 * may have replaced the table that is watched, and before the first job.
 *
 * Any number of processes may call it at once.
 */
export async function setUpHistory({ connectionString, pool, logger }: HistoryOptions): Promise<void> {
  await migrate({ connectionString, directory: join(__dirname, "../migrations"), logger });
  await createPartitions(pool);
  const { rows } = await pool.query<{ installed: boolean }>("SELECT watch_jobs() AS installed");
  if (rows[0]?.installed) {
    logger.info("the history of jobs is recorded from now on");
  }
}
