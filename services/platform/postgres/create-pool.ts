import { Pool } from "pg";
import type { Logger } from "../logging/create-logger";

/** How a service reaches its database. */
export interface PoolOptions {
  /** `postgres://role:password@host:port/database`. */
  connectionString: string;
  /** Most connections held at once; a caller beyond that waits for one, {@link CONNECTION_TIMEOUT_MS} at most. */
  max: number;
  /** Shown by `pg_stat_activity`, so that a connection can be told from those of other services. */
  applicationName: string;
  /** Learns of connections lost while nobody waits for an answer on them. */
  logger: Logger;
}

/** Longest wait for a connection, whether it is opened or handed over by another caller. */
const CONNECTION_TIMEOUT_MS = 5_000;
/** Longest run of one statement, enforced by the server. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** The client's own limit, for a server that went away without a word: longer, so that a living server answers first. */
const QUERY_TIMEOUT_MS = 35_000;
/** A transaction that its owner forgot is ended by the server and frees its locks. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_DELAY_MS = 10_000;
const DEFAULT_PORT = 5432;

/**
 * Opens a pool that outlives restarts of the server: a lost connection is logged and dropped, never thrown, and the
 * next caller gets a new one. Nothing connects until the first query. End it with `pool.end()`.
 */
export function createPool({ connectionString, max, applicationName, logger }: PoolOptions): Pool {
  const pool = new Pool({
    connectionString,
    ...metricName(connectionString),
    max,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  });
  const report = (error: Error) => logger.warn("lost a database connection", { error });
  pool.on("error", report);
  // The pool stops listening while a client is checked out; an 'error' event between two queries of a transaction
  // would then have no listener and end the process.
  pool.on("connect", (client) => {
    client.on("error", (error) => logger.debug("database connection reported an error", { error }));
  });
  return pool;
}

/**
 * What the pool's metrics are named after. The connection string says the same and decides, but the instrumentation does
 * not read it there.
 */
function metricName(connectionString: string): { host?: string; port?: number; database?: string } {
  if (!URL.canParse(connectionString)) {
    return {};
  }
  const { hostname, port, pathname } = new URL(connectionString);
  return { host: hostname, port: Number(port || DEFAULT_PORT), database: decodeURIComponent(pathname.slice(1)) };
}
