import {
  Job,
  type JobState,
  jobStateFromJSON,
  jobStateToJSON,
  JobState as States,
} from "../../../../gen/client/mcsv/v1/job";
import type { Clients } from "../clients";
import { CommandError, UsageError } from "../errors";
import { formatMs, formatTime, type Output, table } from "../output";

/** What `jobs list` was asked for. */
export interface ListJobsOptions {
  readonly queue: string;
  readonly state: string;
  readonly user: string;
  readonly limit: number;
}

/** Most jobs that the job service returns in one page. */
const PAGE_SIZE = 200;

/** Names of the states as the command line spells them. */
export const JOB_STATES = ["queued", "retrying", "active", "completed", "failed", "cancelled"] as const;

/** Prints jobs, newest first. */
export async function listJobs(clients: Clients, options: ListJobsOptions, output: Output): Promise<void> {
  const jobs: Job[] = [];
  let pageToken = "";
  do {
    const page = await clients.jobs.ListJobs({
      queue: options.queue,
      state: stateFromName(options.state),
      userId: options.user,
      pageSize: Math.min(PAGE_SIZE, options.limit - jobs.length),
      pageToken,
    });
    jobs.push(...page.jobs);
    pageToken = page.nextPageToken;
  } while (pageToken !== "" && jobs.length < options.limit);
  const rows = jobs.map((job) => [
    job.id,
    job.queue,
    stateName(job.state),
    `${job.attempt}/${job.maxAttempts}`,
    formatTime(job.createdAt),
    took(job),
    job.lastFailure?.code ?? "",
  ]);
  output.line(
    rows.length === 0
      ? "no jobs"
      : table(["job", "queue", "state", "attempt", "created", "took", "last failure"], rows),
  );
  output.document({ jobs: jobs.map((job) => Job.toJSON(job)) });
}

/** Prints one job. */
export async function showJob(clients: Clients, jobId: string, output: Output): Promise<void> {
  const { job } = await clients.jobs.GetJob({ jobId });
  if (job === undefined) throw new CommandError("the job service answered without a job");
  const facts: [string, string][] = [
    ["job", job.id],
    ["queue", job.queue],
    ["state", stateName(job.state)],
    ["attempt", `${job.attempt} of ${job.maxAttempts}`],
    ["user", job.userId || "-"],
    ["created", formatTime(job.createdAt)],
    ["runs at", formatTime(job.runAt)],
    ["started", formatTime(job.startedAt)],
    ["ended", formatTime(job.endedAt)],
    ["took", took(job)],
    ["last failure", job.lastFailure === undefined ? "-" : `${job.lastFailure.code}: ${job.lastFailure.message}`],
    ["result", resultOf(job)],
    ["trace", job.traceId === "" ? "-" : `${job.traceId}  (see: mcsv trace ${job.id})`],
  ];
  for (const [name, value] of facts) output.line(`${name.padEnd(14)}${value}`);
  output.document(Job.toJSON(job));
}

function stateFromName(name: string): JobState {
  if (name === "") return States.JOB_STATE_UNSPECIFIED;
  const state = jobStateFromJSON(`JOB_STATE_${name.toUpperCase()}`);
  if (state === States.UNRECOGNIZED) throw new UsageError(`--state "${name}": must be one of ${JOB_STATES.join(", ")}`);
  return state;
}

/** A state as the command line spells it. */
export function stateName(state: JobState): string {
  return jobStateToJSON(state).replace("JOB_STATE_", "").toLowerCase();
}

function took({ startedAt, endedAt }: Job): string {
  return startedAt === undefined || endedAt === undefined ? "-" : formatMs(endedAt.getTime() - startedAt.getTime());
}

function resultOf({ result }: Job): string {
  switch (result?.$case) {
    case "email":
      return `mail ${result.email.messageId} to ${result.email.recipientAddress}`;
    case "pdf":
      return result.pdf.objectKey;
    case undefined:
      return "-";
  }
}
