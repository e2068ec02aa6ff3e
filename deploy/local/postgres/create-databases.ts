import { Client, escapeIdentifier, escapeLiteral } from "pg";

/**
 * Sees to it that each role exists with its password and owns a database of its own name that no other role can
 * connect to. Repeatable.
 *
 * @param superuserUrl connection URL of the cluster's superuser.
 * @param passwords by role.
 */
export async function createDatabases(
  superuserUrl: string,
  passwords: Readonly<Record<string, string>>,
): Promise<void> {
  const client = new Client({ connectionString: superuserUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    // PUBLIC could otherwise connect to these two, and keep tables in one of them.
    await client.query("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC");
    for (const [name, password] of Object.entries(passwords)) await createDatabase(client, name, password);
  } finally {
    await client.end();
  }
}

async function createDatabase(client: Client, name: string, password: string): Promise<void> {
  const role = escapeIdentifier(name);
  if (!(await exists(client, "SELECT FROM pg_roles WHERE rolname = $1", name)))
    await client.query(`CREATE ROLE ${role}`);
  await client.query(
    `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${escapeLiteral(password)}`,
  );
  if (!(await exists(client, "SELECT FROM pg_database WHERE datname = $1", name))) {
    await client.query(`CREATE DATABASE ${role} OWNER ${role}`);
  }
  await client.query(`REVOKE CONNECT ON DATABASE ${role} FROM PUBLIC`);
}

async function exists(client: Client, query: string, name: string): Promise<boolean> {
  return (await client.query(query, [name])).rows.length > 0;
}
