import { dirname, join } from "node:path";
import { Client, escapeIdentifier, escapeLiteral } from "pg";
import type { Credentials } from "./credentials";

// The queue dashboard: pg-boss's own, from npm, that looks at the job database and can change nothing in it.

/** Role of the dashboard. */
const DASHBOARD_ROLE = "mcsv_job_dashboard";

/** Path of the program. */
export function dashboardProgram(): string {
  return join(dirname(require.resolve("@pg-boss/dashboard/package.json")), "bin/cli.js");
}

/** Connection URL of the dashboard's role to the job database. */
export function dashboardDatabaseUrl(port: number, { dashboardPassword }: Credentials): string {
  return `postgres://${DASHBOARD_ROLE}:${dashboardPassword}@127.0.0.1:${port}/mcsv_job`;
}

/**
 * Sees to it that the dashboard's role exists: it can connect to the job database and to no other, read every table there,
 * and write none. Repeatable.
 *
 * @param superuserUrl connection URL of the cluster's superuser; the job database exists.
 */
export async function createDashboardRole(superuserUrl: string, { dashboardPassword }: Credentials): Promise<void> {
  const client = new Client({ connectionString: superuserUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  const role = escapeIdentifier(DASHBOARD_ROLE);
  try {
    const { rows } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [DASHBOARD_ROLE]);
    if (rows.length === 0) await client.query(`CREATE ROLE ${role}`);
    await client.query(
      `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${escapeLiteral(dashboardPassword)}`,
    );
    // No right to write is what holds; that its transactions are read-only as well makes the refusal a clear one.
    await client.query(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    await client.query(`GRANT pg_read_all_data TO ${role}`);
    await client.query(`GRANT CONNECT ON DATABASE mcsv_job TO ${role}`);
  } finally {
    await client.end();
  }
}
