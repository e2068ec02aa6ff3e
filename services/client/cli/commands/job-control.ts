import { Job } from "../../../../gen/client/mcsv/v1/job";
import type { Clients } from "../clients";
import { errorCode, explain } from "../errors";
import { userIdOf } from "../find-user";
import { formatTime, type Output, table } from "../output";
import { stateName } from "./jobs";

/** What became of each job that a command was given. */
export interface JobOutcome {
  readonly jobId: string;
  readonly job?: Job;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Why, and in whose name: an application's unless a user is named. */
export interface JobControlOptions {
  readonly reason: string;
  /** A user's id or address. */
  readonly as?: string;
}

/** Cancels jobs. */
export async function cancelJobs(
  clients: Clients,
  ids: readonly string[],
  { reason, as }: JobControlOptions,
): Promise<JobOutcome[]> {
  const jobs = as === undefined ? clients.jobs : clients.jobsAsUser(await userIdOf(clients, as));
  return await forEach(ids, async (jobId) => (await jobs.CancelJob({ jobId, reason })).job);
}

/** Runs jobs again, or now. */
export async function retryJobs(
  clients: Clients,
  ids: readonly string[],
  { reason }: JobControlOptions,
): Promise<JobOutcome[]> {
  return await forEach(ids, async (jobId) => (await clients.jobs.RetryJob({ jobId, reason })).job);
}

/** Prints what became of each. */
export function printOutcomes(output: Output, outcomes: readonly JobOutcome[]): void {
  const rows = outcomes.map(({ jobId, job, error }) => [
    jobId,
    job?.queue ?? "-",
    job === undefined ? "-" : stateName(job.state),
    formatTime(job?.endedAt ?? job?.runAt),
    error?.message ?? "",
  ]);
  output.line(table(["job", "queue", "state", "ended, or runs at", "error"], rows));
  output.document({
    jobs: outcomes.map(({ jobId, job, error }) => ({
      job_id: jobId,
      ...(job !== undefined && { job: Job.toJSON(job) }),
      ...(error !== undefined && { error }),
    })),
  });
}

async function forEach(
  ids: readonly string[],
  act: (jobId: string) => Promise<Job | undefined>,
): Promise<JobOutcome[]> {
  const outcomes: JobOutcome[] = [];
  for (const jobId of ids) {
    try {
      const job = await act(jobId);
      outcomes.push({ jobId, ...(job !== undefined && { job }) });
    } catch (error) {
      outcomes.push({ jobId, error: { code: errorCode(error), message: explain(error) } });
    }
  }
  return outcomes;
}
