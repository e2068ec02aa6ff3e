import { Client } from "pg";
import { QUEUE_NAMES } from "../../../services/job/queues";
import { OUTBOX_QUEUES } from "../../../services/user/outbox";

/** Queues that somebody works on. Dead letters wait for a person. */
const WORKED = [...QUEUE_NAMES.filter((name) => !name.endsWith("-dead")), ...OUTBOX_QUEUES.map(({ name }) => name)];

const QUERY = `
  SELECT name, state::text AS state, count(*)::int AS jobs FROM pgboss.job
   WHERE name = ANY($1) AND state IN ('created', 'retry', 'active') GROUP BY name, state ORDER BY name, state`;

/**
 * Jobs that wait or run, by queue and state, in words.
 *
 * @throws when a database does not answer
 */
export async function unfinishedJobs(databaseUrls: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const connectionString of databaseUrls) {
    const client = new Client({ connectionString, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
    // A server that is ended while nobody asks it anything.
    client.on("error", () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ name: string; state: string; jobs: number }>(QUERY, [WORKED]);
      found.push(...rows.map(({ name, state, jobs }) => `${jobs} jobs in ${name} are ${state}`));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  return found;
}
