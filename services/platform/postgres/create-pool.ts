import type { Pool } from "pg";
import type { Logger } from "../logging/create-logger";
import type { Telemetry } from "../telemetry/process-telemetry";
import { ObservedPool } from "./observed-pool";

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
  /** What the pool is called in metrics; no other pool of the process has the name. Default: `applicationName`. */
  name?: string;
  /** Default: the process's own. */
  telemetry?: Telemetry;
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

/**
 * Opens a pool that outlives restarts of the server: a lost connection is logged and dropped, never thrown, and the
 * next caller gets a new one. Nothing connects until the first query. End it with `pool.end()`.
 */
export function createPool(options: PoolOptions): Pool {
  const { connectionString, max, applicationName, logger, name = applicationName, telemetry } = options;
  const config = {
    connectionString,
    max,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  };
  const pool = new ObservedPool(name, config, telemetry);
  const report = (error: Error) => logger.warn("lost a database connection", { error });
  pool.on("error", report);
  // The pool stops listening while a client is checked out; an 'error' event between two queries of a transaction
  // would then have no listener and end the process.
  pool.on("connect", (client) => {
    client.on("error", (error) => logger.debug("database connection reported an error", { error }));
  });
  return pool;
}
