import type { ClientBase } from "pg";

const BATCH = 10_000;
/** A claim that holds is a mail that is being sent: its row stays, whatever its age. */
const PRUNE = `
  DELETE FROM sent_ledger WHERE job_id IN (
    SELECT job_id FROM sent_ledger
     WHERE created_at < now() - $1 * interval '1 millisecond' AND (delivered_at IS NOT NULL OR claimed_until < now())
     LIMIT ${BATCH}
  )`;

/**
 * Forgets mails whose first attempt is long ago: a job of theirs that came again after that would be sent again.
 *
 * @returns number of mails
 */
export async function pruneLedger(client: ClientBase, retentionMs: number, signal: AbortSignal): Promise<number> {
  let pruned = 0;
  for (let count = BATCH; count === BATCH; ) {
    signal.throwIfAborted();
    count = (await client.query(PRUNE, [retentionMs])).rowCount ?? 0;
    pruned += count;
  }
  return pruned;
}
