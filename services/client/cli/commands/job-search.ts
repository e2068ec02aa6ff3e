import { JobEvent } from "../../../../gen/client/mcsv/v1/job";
import type { Clients } from "../clients";
import { eventDetails, eventName } from "../describe-event";
import { type EventFilterOptions, eventFilter } from "../event-filter";
import { formatTime, type Output, table } from "../output";

/** Most events that the job service returns in one page. */
const PAGE_SIZE = 1_000;

/** Prints events of all jobs, newest first. */
export async function searchEvents(
  clients: Clients,
  options: EventFilterOptions & { readonly limit: number },
  output: Output,
): Promise<void> {
  const filter = await eventFilter(clients, options);
  const events: JobEvent[] = [];
  let pageToken = "";
  do {
    const pageSize = Math.min(PAGE_SIZE, options.limit - events.length);
    const page = await clients.jobs.SearchJobEvents({ filter, pageSize, pageToken });
    events.push(...page.events);
    pageToken = page.nextPageToken;
  } while (pageToken !== "" && events.length < options.limit);
  if (events.length === 0) {
    output.line("no events");
  } else {
    const rows = events.map((event) => [
      formatTime(event.at),
      eventName(event.type),
      event.jobId || "-",
      event.queue,
      event.attempt === 0 ? "-" : String(event.attempt),
      event.actor,
      eventDetails(event),
    ]);
    output.line(table(["time", "event", "job", "queue", "attempt", "by", "what"], rows));
  }
  if (pageToken !== "") output.line(`there are more: --limit ${options.limit * 10} shows them`);
  output.document({ events: events.map((event) => JobEvent.toJSON(event)), more: pageToken !== "" });
}
