import { randomUUID } from "node:crypto";
import { ReplayJobsResponse } from "../../../../gen/client/mcsv/v1/job";
import type { Clients } from "../clients";
import { type EventFilterOptions, eventFilter } from "../event-filter";
import { formatTime, type Output, table } from "../output";

/** What to replay, and how. */
export interface ReplayOptions extends EventFilterOptions {
  readonly dryRun: boolean;
  readonly limit: number;
  /** Jobs that may start in a second. */
  readonly rate: number;
  /** A random one unless given. */
  readonly requestKey?: string;
  readonly reason: string;
}

/** An answer that is older than this was given to an earlier request with the same key. */
const EARLIER_MS = 5_000;

/** Makes new jobs of those that failed, and prints which. */
export async function replayJobs(clients: Clients, options: ReplayOptions, output: Output): Promise<void> {
  const { dryRun, limit, rate, requestKey = `cli:${randomUUID()}`, reason } = options;
  const answer = await clients.jobs.ReplayJobs({
    requestKey: dryRun ? "" : requestKey,
    filter: await eventFilter(clients, options),
    dryRun,
    limit,
    ratePerSecond: rate,
    reason,
  });
  print(output, answer, options);
  output.document({
    ...(ReplayJobsResponse.toJSON(answer) as object),
    ...(!dryRun && { requestKey }),
  });
}

function print(output: Output, answer: ReplayJobsResponse, { dryRun, limit }: ReplayOptions): void {
  const { jobs, skipped, more, replayedAt } = answer;
  if (jobs.length > 0) {
    const rows = jobs.map((job) => [
      job.fromJobId,
      ...(dryRun ? [] : [job.toJobId]),
      job.queue,
      formatTime(job.runAt),
      `${job.errorClass}: ${job.failure?.message ?? ""}`,
    ]);
    output.line(table(["job", ...(dryRun ? [] : ["replayed as"]), "queue", "starts", "failed by"], rows));
    output.line();
  }
  const verb = dryRun ? "would be replayed" : "replayed";
  const earlier = replayedAt !== undefined && Date.now() - replayedAt.getTime() > EARLIER_MS;
  output.line(
    `${jobs.length} ${jobs.length === 1 ? "job" : "jobs"} ${verb}${earlier ? ` at ${formatTime(replayedAt)}, under the same request key` : ""}`,
  );
  for (const [reason, same] of Map.groupBy(skipped, (job) => reasonOf(job.reason))) {
    output.line(`${same.length} passed over: ${reason}`);
  }
  if (more) output.line(`there are more than --limit ${limit}: run it again for the rest`);
}

/** The same for jobs that were replayed before, whatever became of each. */
function reasonOf(reason: string): string {
  return reason.replace(/ as [0-9a-f-]{36}$/, "").replace(/,$/, "");
}
