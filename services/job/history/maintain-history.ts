import type { ClientBase, Pool } from "pg";
import type { Logger } from "../../platform/logging/create-logger";
import { type Periodic, runPeriodically } from "../../platform/postgres/run-periodically";
import { withTransaction } from "../../platform/postgres/with-transaction";

/** How long events are kept, and who is told. */
export interface HistoryRetention {
  /** Days; a day's events are dropped together, once the youngest of them is that old. */
  retentionDays: number;
  logger: Logger;
}

const HOUR_MS = 3_600_000;
/** Partitions are made this long before they are needed. */
const AHEAD_DAYS = 7;
/** Dropping a partition waits for those who read, and others wait behind it: no longer than this, and then another time. */
const LOCK_TIMEOUT_MS = 2_000;

/** Creates the partitions of the days to come that are missing. To be called well within a week. */
export async function createPartitions(pool: Pool): Promise<void> {
  await alone(pool, async (client) => {
    await client.query(
      `SELECT create_job_event_partitions(today, today + ${AHEAD_DAYS})
         FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS day`,
    );
  });
}

/** Creates the partitions of the days to come, and drops those whose time is over. */
export async function maintainHistory(pool: Pool, { retentionDays, logger }: HistoryRetention): Promise<void> {
  await createPartitions(pool);
  await alone(pool, async (client) => {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    const { rows } = await client.query<{ dropped: number }>(
      "SELECT drop_job_event_partitions((now() AT TIME ZONE 'UTC')::date - $1::int) AS dropped",
      [retentionDays],
    );
    await client.query("DELETE FROM replays WHERE at < now() - $1::int * interval '1 day'", [retentionDays]);
    if ((rows[0]?.dropped ?? 0) > 0) {
      logger.info("old events of jobs were dropped", { days: rows[0]?.dropped, retention_days: retentionDays });
    }
  });
}

/** One process at a time; others wait, and find nothing to do. */
async function alone(pool: Pool, work: (client: ClientBase) => Promise<void>): Promise<void> {
  await withTransaction(pool, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('mcsv maintain job_events'))");
    await work(client);
  });
}

/** Does {@link maintainHistory} every hour, in one process at a time. */
export function keepHistory(pool: Pool, retention: HistoryRetention): Periodic {
  return runPeriodically({
    pool,
    name: "upkeep of the history of jobs",
    intervalMs: HOUR_MS,
    logger: retention.logger,
    run: () => maintainHistory(pool, retention),
  });
}
