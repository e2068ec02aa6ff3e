import { Job, JobEvent, JobEventType } from "../../../gen/twirp/mcsv/v1/job";
import { jobState, resultToProto } from "../to-proto";
import type { EventRow, EventType } from "./event-rows";
import { type FoldedJob, failureOfEvent } from "./fold-events";
import { toTimestamp } from "./microseconds";

/** Makes the message of an event. */
export function eventToProto(row: EventRow): JobEvent {
  return JobEvent.create({
    id: BigInt(row.id),
    type: EVENT_TYPES[row.type],
    at: toTimestamp(BigInt(row.at)),
    jobId: row.jobId ?? "",
    queue: row.queue,
    attempt: row.attempt,
    maxAttempts: row.maxAttempts ?? 0,
    userId: row.userId ?? "",
    actor: row.actor,
    traceId: row.traceId ?? "",
    ...(row.errorCode !== null && { failure: failureOfEvent(row) }),
    errorClass: row.errorClass ?? "",
    reason: row.reason ?? "",
    ...(row.runAt !== null && { runAt: toTimestamp(BigInt(row.runAt)) }),
    durationMs: row.durationMs ?? 0,
    result: resultToProto(row.queue, row.detail?.result),
    fromJobId: row.detail?.from ?? "",
    toJobId: row.detail?.to ?? "",
  });
}

/** Makes the message of a job as its history has it. */
export function foldedJobToProto(job: FoldedJob): Job {
  return Job.create({
    id: job.id,
    queue: job.queue,
    state: jobState(job.state),
    // The queue keeps one attempt in reserve, to report a job whose last attempt ended without a word.
    attempt: Math.min(job.attempt, job.maxAttempts),
    maxAttempts: job.maxAttempts,
    userId: job.userId,
    traceId: job.traceId,
    priority: job.priority,
    uniqueKey: job.uniqueKey,
    createdAt: toTimestamp(job.createdAt),
    runAt: toTimestamp(job.runAt),
    ...(job.startedAt !== undefined && { startedAt: toTimestamp(job.startedAt) }),
    ...(job.endedAt !== undefined && { endedAt: toTimestamp(job.endedAt) }),
    ...(job.deletedAt !== undefined && { deletedAt: toTimestamp(job.deletedAt) }),
    ...(job.lastFailure !== undefined && { lastFailure: job.lastFailure }),
    result: resultToProto(job.queue, job.result),
    replayOf: job.replayOf ?? "",
  });
}

/** Types of events as the database and as the contract call them. */
const EVENT_TYPES: Record<EventType, JobEventType> = {
  created: JobEventType.CREATED,
  enqueued: JobEventType.ENQUEUED,
  scheduled: JobEventType.SCHEDULED,
  started: JobEventType.STARTED,
  failed: JobEventType.FAILED,
  expired: JobEventType.EXPIRED,
  retry_scheduled: JobEventType.RETRY_SCHEDULED,
  completed: JobEventType.COMPLETED,
  cancelled: JobEventType.CANCELLED,
  dead_lettered: JobEventType.DEAD_LETTERED,
  replayed: JobEventType.REPLAYED,
  deleted: JobEventType.DELETED,
  queue_paused: JobEventType.QUEUE_PAUSED,
  queue_resumed: JobEventType.QUEUE_RESUMED,
};

/** What the database calls a type of event; undefined for one that the contract does not name, and for "unspecified". */
export function storedEventType(type: JobEventType): EventType | undefined {
  return (Object.keys(EVENT_TYPES) as EventType[]).find((name) => EVENT_TYPES[name] === type);
}
