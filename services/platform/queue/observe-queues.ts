import type { BatchObservableResult, Meter } from "@opentelemetry/api";
import type { Pool } from "pg";
import type { Logger } from "../logging/create-logger";

/** Which queues are observed, and where. */
export interface ObserveQueuesOptions {
  pool: Pool;
  /** Names, those of dead-letter queues included. */
  queues: readonly string[];
  logger: Logger;
}

/** How long a look at the database is good for: any number of scrapers cost one query in this time. */
const LOOK_TTL_MS = 5_000;
/** Longest time that a scrape waits for the database. */
const LOOK_TIMEOUT_MS = 2_000;

const STATES = ["ready", "retrying", "deferred", "active", "failed"] as const;

/** States of jobs that are work to be done now, whether or not an attempt has been made. */
const DUE: ReadonlySet<QueueRow["state"]> = new Set(["ready", "retrying", "active"]);

interface QueueRow {
  queue: string;
  state: (typeof STATES)[number];
  jobs: number;
  /** Seconds since the first of them could first run; below 0 where its time has not come. */
  age: number;
}

/**
 * The states are those of pg-boss's index of jobs that matter still; jobs that have ended well cost nothing. Every attempt moves
 * start_after, and none moves keep_until, which was set a queue's retention after the job could first run.
 */
const COUNT = `
  SELECT name AS queue, kind AS state, count(*)::float8 AS jobs,
         extract(epoch FROM now() - min(due_since))::float8 AS age
    FROM (SELECT j.name,
                 LEAST(start_after, GREATEST(j.created_on, keep_until - q.retention_seconds * interval '1 s')) AS due_since,
                 CASE WHEN state = 'active' THEN 'active' WHEN state = 'failed' THEN 'failed'
                      WHEN start_after <= now() THEN 'ready' WHEN state = 'retry' THEN 'retrying'
                      ELSE 'deferred' END AS kind
            FROM pgboss.job j JOIN pgboss.queue q ON q.name = j.name
           WHERE j.name = ANY($1) AND state IN ('created', 'retry', 'active', 'failed')) AS live
   GROUP BY name, kind`;

/**
 * Observes how long queues are and how old their oldest job is that is due and not done, over all processes, whenever somebody
 * scrapes. While the database does not answer, a scrape has none of these series.
 */
export function observeQueues(meter: Meter, { pool, queues, logger }: ObserveQueuesOptions): void {
  const jobs = meter.createObservableGauge("mcsv.queue.jobs", {
    unit: "{job}",
    description: "Jobs in a queue now, over all processes.",
  });
  const age = meter.createObservableGauge("mcsv.queue.oldest_job.age", {
    unit: "s",
    description: "Time since the oldest job that is not done could first run; 0 when none is due.",
  });
  let latest: { at: number; rows: Promise<QueueRow[]> } | undefined;
  const look = () => {
    if (latest === undefined || Date.now() - latest.at > LOOK_TTL_MS) {
      const rows = pool.query<QueueRow>(COUNT, [queues]).then((result) => result.rows);
      latest = { at: Date.now(), rows };
    }
    return within(LOOK_TIMEOUT_MS, latest.rows);
  };
  const observe = async (result: BatchObservableResult) => {
    let rows: QueueRow[];
    try {
      rows = await look();
    } catch (error) {
      logger.warn("cannot measure the queues", { error });
      return;
    }
    for (const queue of queues) {
      const own = rows.filter((row) => row.queue === queue);
      for (const state of STATES) {
        result.observe(jobs, own.find((row) => row.state === state)?.jobs ?? 0, { queue, state });
      }
      const due = own.filter(({ state }) => DUE.has(state));
      result.observe(age, Math.max(0, ...due.map((row) => row.age)), { queue });
    }
  };
  meter.addBatchObservableCallback(observe, [jobs, age]);
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`the database did not answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
