import { Client } from "pg";
import { RELAY_CONVERSION, RELAY_EMAIL } from "../../../services/user/outbox";

const MAILS = "SELECT message_id AS id, delivered_at AS at FROM sent_ledger WHERE delivered_at IS NOT NULL";

const CALLBACKS = `
  SELECT coalesce(data #>> '{data,jobId}', data #>> '{data,conversionId}') AS id, max(completed_on) AS at FROM pgboss.job
   WHERE name IN ('${RELAY_EMAIL.name}', '${RELAY_CONVERSION.name}') AND state = 'completed' GROUP BY 1`;

/** When the SMTP server's yes came that the ledger has, in epoch milliseconds by Message-ID. */
export function mailsRecordedAt(emailDatabaseUrl: string): Promise<Map<string, number>> {
  return timesById(emailDatabaseUrl, MAILS);
}

/** When the outbox wrote down that a callback was taken, in epoch milliseconds by job, of conversions by conversion. */
export function callbacksRecordedAt(userDatabaseUrl: string): Promise<Map<string, number>> {
  return timesById(userDatabaseUrl, CALLBACKS);
}

async function timesById(connectionString: string, query: string): Promise<Map<string, number>> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; at: Date }>(query);
    return new Map(rows.map(({ id, at }) => [id, at.getTime()]));
  } finally {
    await client.end();
  }
}
