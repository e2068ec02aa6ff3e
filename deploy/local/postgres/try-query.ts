import { Client } from "pg";

/**
 * Connects and runs one query.
 *
 * @returns undefined when the server answers, else why it does not.
 */
export async function tryQuery(url: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  let reason: string | undefined;
  // A server that is just starting or stopping may cut the connection.
  client.on("error", (error) => {
    reason = error.message;
  });
  try {
    await client.connect();
    await client.query("SELECT 1");
  } catch (error) {
    reason = error instanceof Error ? error.message || error.name : String(error);
  }
  try {
    await client.end();
  } catch (error) {
    reason ??= String(error);
  }
  return reason;
}
