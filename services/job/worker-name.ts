import { hostname } from "node:os";

/** What Postgres keeps of a connection's name. */
const MAX_BYTES = 63;

/**
 * Name of this process's database connections. The history of jobs takes the worker from it, behind `mcsv-job/`:
 * migrations/000002_record-job-changes.sql.
 */
export function workerName(): string {
  const suffix = `/${process.pid}`;
  const prefix = "mcsv-job/";
  return `${prefix}${hostname().slice(0, MAX_BYTES - prefix.length - suffix.length)}${suffix}`;
}
