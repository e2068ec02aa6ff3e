import type { ClientBase } from "pg";
import { DEAD_LETTER_QUEUES } from "../queues";

/** Deletes the copies of jobs that wait in dead-letter queues: the jobs are dealt with. */
export async function forgetDeadLetters(client: ClientBase, ids: readonly string[]): Promise<void> {
  await client.query(
    "DELETE FROM pgboss.job WHERE name = ANY($1) AND source_root_id = ANY($2::uuid[]) AND source_id = source_root_id",
    [DEAD_LETTER_QUEUES, ids],
  );
}
