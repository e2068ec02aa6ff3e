import { isDeepStrictEqual } from "node:util";
import pMap from "p-map";
import { Pool } from "pg";
import type { Job } from "../../../gen/twirp/mcsv/v1/job";
import { type EventRow, eventsOfJob } from "../../../services/job/history/event-rows";
import { foldedJobToProto } from "../../../services/job/history/event-to-proto";
import { foldEvents } from "../../../services/job/history/fold-events";
import { findJob } from "../../../services/job/job-rows";
import { jobToProto } from "../../../services/job/to-proto";

const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * Where the history of a job and the job itself differ, in words: its events folded into a job are to be the job that pg-boss
 * has, with one beginning, no more than one end in success, and nothing that was only found later.
 *
 * @param jobDatabaseUrl where nothing happens any more
 */
export async function historyFindings(jobDatabaseUrl: string): Promise<string[]> {
  const pool = new Pool({ connectionString: jobDatabaseUrl, max: 4, statement_timeout: STATEMENT_TIMEOUT_MS });
  try {
    const { rows } = await pool.query<{ id: string }>("SELECT id FROM pgboss.job WHERE name NOT LIKE '\\_\\_%'");
    const findings = await pMap(
      rows,
      async ({ id }) => {
        const row = await findJob(pool, id);
        const events = await eventsOfJob(pool, id);
        return row === undefined ? [] : findingsOf(jobToProto(row), events);
      },
      { concurrency: 4 },
    );
    return findings.flat();
  } finally {
    await pool.end();
  }
}

function findingsOf(job: Job, events: readonly EventRow[]): string[] {
  const what = `history of job ${job.id} in ${job.queue}`;
  const folded = foldEvents(events);
  const counts = (type: EventRow["type"]) => events.filter((event) => event.type === type).length;
  return [
    ...(folded !== undefined && isDeepStrictEqual(timeless(foldedJobToProto(folded)), timeless(job))
      ? []
      : [`${what}: its events make another job of it`]),
    ...(counts("created") === 1 ? [] : [`${what}: created ${counts("created")} times`]),
    ...(counts("completed") <= 1 ? [] : [`${what}: completed ${counts("completed")} times`]),
    ...(events.some(({ reason }) => reason?.startsWith("found")) ? [`${what}: an event was missed`] : []),
  ];
}

/** Times of a transaction and of its events differ by what a statement takes; that they are set does not. */
function timeless({ createdAt, runAt, startedAt, endedAt, ...job }: Job) {
  return { ...job, isStarted: startedAt !== undefined, isEnded: endedAt !== undefined };
}
