import type { Pool } from "pg";
import { withTransaction } from "../platform/postgres/with-transaction";
import { invalidArgument } from "../platform/twirp/errors";
import type { JourneyMetrics } from "./journey-metrics";
import type { Outbox } from "./outbox";
import type { EmailOutcome } from "./requests";
import { isForeignKeyViolation } from "./sql-errors";
import { userNotFound } from "./users";

/** What recording an outcome takes. */
export interface RecordDependencies {
  pool: Pool;
  outbox: Outbox;
  journeys: JourneyMetrics;
}

/**
 * Records the outcome of a job once, and, where the job is the user's welcome mail, on the user. A delivery replaces a
 * failure, for a job that failed for good may be run again by hand; nothing replaces a delivery.
 */
const RECORD = `
  WITH recorded AS (
    INSERT INTO mail_outcomes AS m (job_id, user_id, delivered) VALUES ($1, $2, $3::timestamptz IS NOT NULL)
    ON CONFLICT (job_id) DO UPDATE SET delivered = true
      WHERE EXCLUDED.delivered AND NOT m.delivered AND m.user_id = EXCLUDED.user_id
    RETURNING job_id
  ), welcomed AS (
    UPDATE users SET welcome_delivered_at = $3
    WHERE id = $2 AND welcome_job_id = $1 AND $3::timestamptz IS NOT NULL AND EXISTS (SELECT FROM recorded)
  )
  SELECT (SELECT created_at FROM users WHERE id = $2 AND welcome_job_id = $1) AS welcomed_from FROM recorded`;
const SELECT_OWNER = "SELECT user_id FROM mail_outcomes WHERE job_id = $1";

/**
 * Records what became of a mail and orders its relay to the client service, in one transaction. A repetition changes
 * nothing.
 *
 * @throws TwirpError not_found (user), invalid_argument (the job mailed another user)
 */
export async function recordEmailOutcome(
  { pool, outbox, journeys }: RecordDependencies,
  outcome: EmailOutcome,
): Promise<void> {
  const { jobId, userId, outcome: end } = outcome;
  const deliveredAt = end.kind === "delivered" ? end.at : null;
  try {
    const welcomedFrom = await withTransaction(pool, async (client) => {
      // Named, so that each connection parses and plans it once.
      const values = [jobId, userId, deliveredAt];
      const { rows } = await client.query<{ welcomed_from: Date | null }>({
        name: "record-mail-outcome",
        text: RECORD,
        values,
      });
      if (rows[0] !== undefined) {
        await outbox.relayEmailOutcome(client, outcome);
        return rows[0].welcomed_from;
      }
      const owner = await client.query<{ user_id: string }>(SELECT_OWNER, [jobId]);
      if (owner.rows[0]?.user_id !== userId) {
        throw invalidArgument("user_id", "must be the user whom the job mailed");
      }
      return null;
    });
    if (welcomedFrom !== null) {
      journeys.welcomed(welcomedFrom, deliveredAt ?? new Date(), end.kind === "delivered" ? "ok" : end.failure.code);
    }
  } catch (error) {
    throw isForeignKeyViolation(error) ? userNotFound() : error;
  }
}
