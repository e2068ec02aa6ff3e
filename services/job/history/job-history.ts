import type { Pool } from "pg";
import type { GetJobHistoryResponse, SearchJobEventsResponse } from "../../../gen/twirp/mcsv/v1/job";
import type { Caller } from "../../platform/auth/caller";
import { noSuchJob } from "../control/own-job";
import { maySee } from "../job-access";
import { type EventRow, eventsOfJob, searchEvents } from "./event-rows";
import { eventToProto, foldedJobToProto } from "./event-to-proto";
import { encodeEventToken } from "./event-token";
import { foldEvents } from "./fold-events";
import type { EventSearch, HistoryQuery } from "./requests";

/**
 * Tells what happened to a job up to a time, and what it was then.
 *
 * @throws TwirpError not_found, also when the caller may not know of it
 */
export async function jobHistory(
  pool: Pool,
  { jobId, at, pageSize, after }: HistoryQuery,
  caller: Caller,
): Promise<GetJobHistoryResponse> {
  const events = await eventsOfJob(pool, jobId, at);
  const job = foldEvents(events);
  if (job === undefined || !maySee(caller, job.userId)) {
    throw noSuchJob(jobId);
  }
  const left = after === undefined ? events : events.filter(({ id }) => BigInt(id) > after.id);
  const page = left.slice(0, pageSize);
  return {
    job: foldedJobToProto(job),
    events: page.map(eventToProto),
    nextPageToken: left.length > page.length ? tokenAfter(page) : "",
  };
}

/** Looks through the events of all jobs, newest first. */
export async function searchHistory(
  pool: Pool,
  { filter, pageSize, after }: EventSearch,
): Promise<SearchJobEventsResponse> {
  const rows = await searchEvents(pool, filter, { limit: pageSize + 1, after });
  const page = rows.slice(0, pageSize);
  return { events: page.map(eventToProto), nextPageToken: rows.length > page.length ? tokenAfter(page) : "" };
}

function tokenAfter(page: readonly EventRow[]): string {
  const last = page.at(-1);
  return last === undefined ? "" : encodeEventToken({ at: BigInt(last.at), id: BigInt(last.id) });
}
