import type { TwirpError } from "twirp-ts";
import type { Caller } from "../../platform/auth/caller";
import { notFound } from "../../platform/twirp/errors";
import { maySee } from "../job-access";
import type { JobRow } from "../job-rows";

/** A job to act on, and who asks for it. */
export interface JobReference {
  jobId: string;
  caller: Caller;
}

/**
 * Returns the row where there is one and the caller may know of it.
 *
 * @throws TwirpError not_found: a stranger's job looks as one that does not exist
 */
export function ownJob(row: JobRow | undefined, { jobId, caller }: JobReference): JobRow {
  if (row === undefined || !maySee(caller, row.data?.data?.userId)) {
    throw noSuchJob(jobId);
  }
  return row;
}

/** not_found, with meta.job_id. */
export function noSuchJob(jobId: string): TwirpError {
  return notFound("no such job", { job_id: jobId });
}
