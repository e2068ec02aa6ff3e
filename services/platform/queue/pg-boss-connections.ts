import type { QueryConfig, QueryResult } from "pg";
import type { Db } from "pg-boss";

/** A pool, or a connection. */
interface Connection {
  // biome-ignore lint/suspicious/noExplicitAny: pg-boss's rows are whatever a statement selects
  query(config: QueryConfig): Promise<QueryResult<any>>;
}

/** Lets pg-boss run its statements on a connection of ours. */
export function asDatabase(connection: Connection): Db {
  return { executeSql: (text, values) => connection.query({ text, values: values ?? [] }) };
}

/**
 * The same, each statement prepared once a connection: of an INSERT, parsing and planning cost Postgres three times as
 * much as running it.
 *
 * Not for statements that look for rows. A plan made while the table was small reads every job of the queue, and a
 * prepared one would go on doing so while the table grows.
 */
export function preparingInserts(connection: Connection, queue: string): Db {
  return {
    // The text is the queue's, in one of few variants of different lengths; hashing it would cost more than it is worth.
    executeSql: (text, values = []) => connection.query({ name: `${queue}/${text.length}`, text, values }),
  };
}
