import type { ClientBase } from "pg";
import type { JobPayload } from "../../platform/queue/job-payload";
import type { EventFilter } from "../history/event-filter";
import { SqlConditions } from "../history/sql-conditions";
import type { JobData } from "../job-data";
import type { StoredState } from "../job-rows";
import { WORKED_QUEUES } from "../queues";

/** A job that a search found. What its row tells is null when the row is gone. */
export interface Candidate {
  id: string;
  queue: string | null;
  state: StoredState | null;
  data: JobPayload<Partial<JobData>> | null;
  output: unknown;
  priority: number | null;
  /** Job that replays it, where there is one. */
  replayedAs: string | null;
}

/** More than that are not looked at in one go. */
const MAX_CANDIDATES = 20_000;

/**
 * Jobs with an event that the filter selects, the one that failed first coming first. Their rows are locked, so that
 * nobody else retries or replays them meanwhile.
 */
export async function findCandidates(client: ClientBase, filter: EventFilter): Promise<Candidate[]> {
  const where = new SqlConditions();
  where.matching(filter);
  const found = await client.query<{ id: string }>(
    `SELECT job_id AS id FROM job_events WHERE job_id IS NOT NULL AND ${where}
      GROUP BY job_id ORDER BY max(job_events.id) LIMIT ${MAX_CANDIDATES}`,
    where.values,
  );
  const ids = found.rows.map(({ id }) => id);
  await client.query(
    "SELECT FROM pgboss.job WHERE name = ANY($1) AND id = ANY($2::uuid[]) ORDER BY name, id FOR UPDATE",
    [WORKED_QUEUES, ids],
  );
  const { rows } = await client.query<Candidate>(
    `SELECT found.id, j.name AS queue, j.state, j.data, j.output, j.priority, (
        SELECT e.detail ->> 'to' FROM job_events e
         WHERE e.job_id = found.id AND e.type = 'replayed' AND e.detail ->> 'from' = found.id::text
         ORDER BY e.id DESC LIMIT 1
      ) AS "replayedAs"
       FROM unnest($2::uuid[]) WITH ORDINALITY AS found (id, place)
       LEFT JOIN pgboss.job j ON j.name = ANY($1) AND j.id = found.id
      ORDER BY found.place`,
    [WORKED_QUEUES, ids],
  );
  return rows;
}

/** Why a job is not replayed; undefined when it is. */
export function whyNot({ state, replayedAs }: Candidate): string | undefined {
  if (state === null) {
    return "it was deleted, or is no job that is worked on";
  }
  if (replayedAs !== null) {
    return `it was replayed already, as ${replayedAs}`;
  }
  switch (state) {
    case "failed":
      return undefined;
    case "completed":
      return "it is completed";
    case "cancelled":
      return "it was cancelled; retry it by itself";
    case "active":
      return "it runs";
    case "created":
    case "retry":
      return "it waits for an attempt";
    default:
      return state satisfies never;
  }
}
