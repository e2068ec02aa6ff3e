import { GetJobHistoryResponse, type Job, type JobEvent, JobEventType } from "../../../../gen/client/mcsv/v1/job";
import type { Clients } from "../clients";
import { eventDetails, eventName } from "../describe-event";
import { CommandError } from "../errors";
import { formatMs, formatTime, type Output, table } from "../output";
import { stateName } from "./jobs";

/** Prints what happened to a job, and what it is, or was at a time. */
export async function showHistory(
  clients: Clients,
  jobId: string,
  at: Date | undefined,
  output: Output,
): Promise<void> {
  const events: JobEvent[] = [];
  let job: Job | undefined;
  let pageToken = "";
  do {
    const page = await clients.jobs.GetJobHistory({ jobId, at, pageSize: 0, pageToken });
    job ??= page.job;
    events.push(...page.events);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  if (job === undefined) throw new CommandError("the job service answered without a job");

  output.line(`${job.queue} job ${job.id}${at === undefined ? "" : ` at ${at.toISOString()}`}`);
  output.line(summary(job, events));
  output.line(
    `user ${job.userId || "-"}, trace ${job.traceId || "-"}${job.traceId === "" ? "" : `  (see: mcsv trace ${job.id})`}`,
  );
  output.line();
  const begin = events[0]?.at?.getTime() ?? 0;
  const rows = events.map((event) => [
    formatTime(event.at),
    `+${formatMs((event.at?.getTime() ?? begin) - begin)}`,
    event.attempt === 0 ? "-" : String(event.attempt),
    eventName(event.type),
    event.actor,
    eventDetails(event),
  ]);
  output.line(table(["time", "after", "attempt", "event", "by", "what"], rows));
  output.document(GetJobHistoryResponse.toJSON({ job, events, nextPageToken: "" }));
}

/** The answer to "why": how it went, and what was at fault each time. */
function summary(job: Job, events: readonly JobEvent[]): string {
  const failures = events.filter(({ type }) => FAILURES.has(type));
  const causes = Map.groupBy(failures, ({ errorClass, failure }) => `${errorClass}: ${failure?.message ?? ""}`);
  const ended = job.endedAt ?? undefined;
  const took =
    ended === undefined || job.createdAt === undefined
      ? ""
      : ` ${formatMs(ended.getTime() - job.createdAt.getTime())} after it was created`;
  const deleted = job.deletedAt === undefined ? "" : `, deleted ${formatTime(job.deletedAt)}`;
  const lines = [`${stateName(job.state)} in attempt ${job.attempt} of ${job.maxAttempts}${took}${deleted}`];
  if (failures.length > 0) {
    lines.push(`failed ${times(failures.length)}:`);
    for (const [cause, same] of causes) lines.push(`  ${times(same.length)} ${cause}`);
  }
  return lines.join("\n");
}

const FAILURES: ReadonlySet<JobEventType> = new Set([
  JobEventType.JOB_EVENT_TYPE_FAILED,
  JobEventType.JOB_EVENT_TYPE_EXPIRED,
]);

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
