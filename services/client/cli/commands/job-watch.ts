import { setTimeout as delay } from "node:timers/promises";
import { TwirpErrorCode } from "twirp-ts";
import { JobEvent, JobEventType } from "../../../../gen/client/mcsv/v1/job";
import type { Clients } from "../clients";
import { eventDetails, eventName } from "../describe-event";
import { type EventFilterOptions, eventFilter } from "../event-filter";
import { isTwirp } from "../find-user";
import type { Output } from "../output";

const POLL_MS = 500;
const PAGE_SIZE = 1_000;
/** A job's id is known before the job is there: users and conversions are answered with it, and ordered a moment later. */
const APPEARS_MS = 10_000;
/** Events appear when their transaction ends, which may be after one with a later time: so far back each look reaches. */
const OVERLAP_MS = 3_000;

/** Events after which nothing more is expected of a job. */
const ENDS: ReadonlySet<JobEventType> = new Set([
  JobEventType.JOB_EVENT_TYPE_COMPLETED,
  JobEventType.JOB_EVENT_TYPE_CANCELLED,
  JobEventType.JOB_EVENT_TYPE_DEAD_LETTERED,
  JobEventType.JOB_EVENT_TYPE_DELETED,
]);

/** Prints the events of a job from its beginning, and goes on until it has ended. */
export async function watchJob(clients: Clients, jobId: string, output: Output): Promise<void> {
  const seen = new Set<bigint>();
  const giveUpAt = Date.now() + APPEARS_MS;
  for (;;) {
    const events = await eventsOf(clients, jobId).catch((error: unknown) => {
      if (!isTwirp(error, TwirpErrorCode.NotFound) || Date.now() > giveUpAt) throw error;
      return [];
    });
    const fresh = events.filter(({ id }) => !seen.has(id));
    for (const event of fresh) {
      seen.add(event.id);
      print(output, event);
    }
    const last = fresh.at(-1);
    if (last !== undefined && ENDS.has(last.type)) return;
    await delay(POLL_MS);
  }
}

async function eventsOf(clients: Clients, jobId: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  let pageToken = "";
  do {
    const page = await clients.jobs.GetJobHistory({ jobId, at: undefined, pageSize: 0, pageToken });
    events.push(...page.events);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return events;
}

/** Prints the events of all jobs as they happen, until it is interrupted. */
export async function watchEvents(
  clients: Clients,
  options: EventFilterOptions,
  output: Output,
  signal?: AbortSignal,
): Promise<void> {
  const filter = await eventFilter(clients, options);
  let since = new Date();
  let seen = new Set<bigint>();
  while (signal?.aborted !== true) {
    const events: JobEvent[] = [];
    let pageToken = "";
    do {
      const page = await clients.jobs.SearchJobEvents({ filter: { ...filter, since }, pageSize: PAGE_SIZE, pageToken });
      events.push(...page.events);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    const newestMs = Math.max(since.getTime(), ...events.slice(0, 1).map(({ at }) => at?.getTime() ?? 0));
    for (const event of events.toReversed()) {
      if (!seen.has(event.id)) print(output, event);
    }
    seen = new Set(events.map(({ id }) => id));
    since = new Date(Math.max(since.getTime(), newestMs - OVERLAP_MS));
    await delay(POLL_MS);
  }
}

/** A line an event: with --json a document a line. */
function print(output: Output, event: JobEvent): void {
  const { at, type, queue, jobId, attempt, actor } = event;
  const time = at?.toISOString().slice(11, 23) ?? "";
  const details = eventDetails(event);
  output.line(
    `${time}  ${eventName(type).padEnd(15)}  ${queue.padEnd(16)}  ${jobId || "-".padEnd(36)}  ${attempt === 0 ? " -" : `#${attempt}`}  ${actor}${details === "" ? "" : `  ${details}`}`,
  );
  output.documentLine(JobEvent.toJSON(event));
}
