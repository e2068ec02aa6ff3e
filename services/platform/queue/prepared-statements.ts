import { createHash } from "node:crypto";
import type { QueryConfig, QueryResult } from "pg";
import type { Db } from "pg-boss";

/** A pool, or a connection. */
interface Connection {
  // biome-ignore lint/suspicious/noExplicitAny: pg-boss's rows are whatever a statement selects
  query(config: QueryConfig): Promise<QueryResult<any>>;
}

/**
 * Lets pg-boss run its statements on a connection of ours, each prepared once a connection: parsing and planning them
 * takes Postgres two to four times as long as running them. For the few statements of the jobs' own way only, since
 * each stays with the connection.
 */
export function preparing(connection: Connection): Db {
  return {
    executeSql: (text, values = []) => connection.query({ name: statementName(text), text, values }),
  };
}

function statementName(text: string): string {
  return createHash("sha1").update(text).digest("base64url");
}
