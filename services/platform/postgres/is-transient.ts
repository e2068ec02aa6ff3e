/**
 * SQLSTATEs (PostgreSQL manual, appendix A) after which the same work can succeed later: whole classes by their two
 * first characters, and single codes.
 */
const TRANSIENT_CLASSES: ReadonlySet<string> = new Set([
  "08", // connection exception
  "40", // transaction rollback: serialization failure, deadlock
  "53", // insufficient resources: too many connections, disk full, out of memory
  "58", // system error: I/O
]);
const TRANSIENT_STATES: ReadonlySet<string> = new Set([
  "25P03", // idle_in_transaction_session_timeout
  "25P04", // transaction_timeout
  "55P03", // lock_not_available
  "57014", // query_canceled, by statement_timeout
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now: starting up or shutting down
  "57P05", // idle_session_timeout
]);

/** Codes of node's socket and name look-up errors. ENOENT is a Unix socket whose server is not there yet. */
const SOCKET_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
]);

/** What pg and pg-pool say without a code when a connection is gone or does not come. */
const CONNECTION_MESSAGES: readonly RegExp[] = [
  /^Connection terminated/,
  /^timeout exceeded when trying to connect/,
  /^timeout expired/,
  /^Query read timeout/,
  /^Client has encountered a connection error/,
  /^Client was closed and is not queryable/,
];

/**
 * Whether the connection itself is lost or useless, so that nothing more, not even ROLLBACK, can be sent on it.
 *
 * @param error whatever pg threw
 */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const code = codeOf(error);
  if (code !== undefined && isSqlState(code)) {
    return code.startsWith("08") || code.startsWith("57P") || code === "25P03" || code === "25P04";
  }
  return (
    (code !== undefined && SOCKET_CODES.has(code)) ||
    CONNECTION_MESSAGES.some((message) => message.test(error.message)) ||
    (error instanceof AggregateError && error.errors.some(isConnectionLost))
  );
}

/**
 * Whether the same work may succeed when it is tried again: the server is down, restarting, out of a resource, or
 * chose this transaction as the victim of a conflict. Constraint violations and wrong SQL are not.
 *
 * @param error whatever pg threw
 */
export function isTransientDatabaseError(error: unknown): boolean {
  if (isConnectionLost(error)) {
    return true;
  }
  const code = error instanceof Error ? codeOf(error) : undefined;
  return (
    code !== undefined && isSqlState(code) && (TRANSIENT_CLASSES.has(code.slice(0, 2)) || TRANSIENT_STATES.has(code))
  );
}

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** SQLSTATEs have five characters of which one is a digit; node's codes start with E and have none ("EPIPE"). */
function isSqlState(code: string): boolean {
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(code);
}
