import type { Pool, PoolClient } from "pg";
import { isConnectionLost } from "./is-transient";

/**
 * Runs `work` inside one transaction on one connection: committed when it resolves, rolled back when it throws.
 *
 * @param pool where the connection comes from and returns to; a broken one is closed instead
 * @param work must use the client it is given for everything that belongs to the transaction
 * @returns what `work` returned, once it is committed
 * @throws what `work` threw, or the error of BEGIN or COMMIT; when COMMIT fails for a lost connection
 *   ({@link isTransientDatabaseError}) the outcome is unknown and the work must be repeatable
 */
export async function withTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    broken = await rollBack(client, error);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Returns why the connection cannot be used again, or undefined when it can. */
async function rollBack(client: PoolClient, cause: unknown): Promise<Error | undefined> {
  if (cause instanceof Error && isConnectionLost(cause)) {
    return cause;
  }
  try {
    await client.query("ROLLBACK");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error("ROLLBACK failed", { cause: error });
  }
}
