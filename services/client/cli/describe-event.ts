import { type JobEvent, JobEventType, jobEventTypeToJSON } from "../../../gen/client/mcsv/v1/job";
import { formatMs } from "./output";

/** Name of what happened, as the command line spells it: "retry-scheduled". */
export function eventName(type: JobEventType): string {
  return jobEventTypeToJSON(type).replace("JOB_EVENT_TYPE_", "").toLowerCase().replaceAll("_", "-");
}

/** Names of what can happen, as the command line spells them. */
export const EVENT_NAMES: readonly string[] = Object.values(JobEventType)
  .filter((type) => typeof type === "number" && type > 0)
  .map((type) => eventName(type as JobEventType));

/** The type of a name in {@link EVENT_NAMES}. */
export function eventType(name: string): JobEventType {
  return EVENT_NAMES.indexOf(name) + 1;
}

/** What there is to say about an event beyond its name, in a few words. */
export function eventDetails(event: JobEvent): string {
  return [
    event.durationMs > 0 ? `after ${formatMs(event.durationMs)}` : "",
    failureOf(event),
    nextAttemptOf(event),
    resultOf(event),
    linkOf(event),
    event.reason,
  ]
    .filter((part) => part !== "")
    .join("; ");
}

function failureOf({ failure, errorClass }: JobEvent): string {
  if (failure === undefined) return "";
  const code = errorClass === "" || errorClass === failure.code ? failure.code : `${errorClass} (${failure.code})`;
  return `${code}: ${failure.message}`;
}

function nextAttemptOf({ type, runAt, at }: JobEvent): string {
  const isPlan = type === JobEventType.JOB_EVENT_TYPE_RETRY_SCHEDULED || type === JobEventType.JOB_EVENT_TYPE_SCHEDULED;
  if (!isPlan || runAt === undefined || at === undefined) return "";
  const waitMs = runAt.getTime() - at.getTime();
  return waitMs > 0 ? `next attempt in ${formatMs(waitMs)}` : "next attempt at once";
}

function resultOf({ result }: JobEvent): string {
  switch (result?.$case) {
    case "email":
      return `mail ${result.email.messageId} to ${result.email.recipientAddress}`;
    case "pdf":
      return result.pdf.objectKey;
    case undefined:
      return "";
  }
}

function linkOf({ type, jobId, fromJobId, toJobId }: JobEvent): string {
  switch (type) {
    case JobEventType.JOB_EVENT_TYPE_DEAD_LETTERED:
      return `copy ${toJobId}`;
    case JobEventType.JOB_EVENT_TYPE_REPLAYED:
      return jobId === toJobId ? `replays ${fromJobId}` : `as ${toJobId}`;
    default:
      return "";
  }
}
