import type { JobFailure } from "../../platform/queue/failure";
import type { StoredState } from "../job-rows";
import type { EventRow } from "./event-rows";

/** A job as its history has it. Times are microseconds since the epoch. */
export interface FoldedJob {
  id: string;
  queue: string;
  state: StoredState;
  attempt: number;
  maxAttempts: number;
  userId: string;
  traceId: string;
  priority: number;
  uniqueKey: string;
  createdAt: bigint;
  runAt: bigint;
  startedAt?: bigint;
  endedAt?: bigint;
  deletedAt?: bigint;
  lastFailure?: JobFailure;
  result?: object;
  /** Job that it replays. */
  replayOf?: string;
}

/**
 * Makes of a job's events what the job is after them.
 *
 * @param events oldest first, from the first on
 * @returns undefined where there is none
 */
export function foldEvents(events: readonly EventRow[]): FoldedJob | undefined {
  return events.reduce<FoldedJob | undefined>(applyEvent, undefined);
}

function applyEvent(before: FoldedJob | undefined, event: EventRow): FoldedJob | undefined {
  if (event.type === "created") {
    return newJob(event);
  }
  if (before === undefined) {
    // Its beginning left with an old partition: what is known since then counts.
    return event.jobId === null ? undefined : applyEvent(newJob(event), event);
  }
  const job: FoldedJob = {
    ...before,
    ...(event.maxAttempts !== null && { maxAttempts: event.maxAttempts }),
    ...(event.runAt !== null && { runAt: BigInt(event.runAt) }),
  };
  const at = BigInt(event.at);
  switch (event.type) {
    case "enqueued":
    case "scheduled":
      return waiting(job, "created", event);
    case "retry_scheduled":
      return {
        ...waiting(job, "retry", event),
        ...(event.errorCode !== null && { lastFailure: failureOfEvent(event) }),
      };
    case "started":
      return { ...job, state: "active", attempt: event.attempt, startedAt: at };
    case "failed":
    case "expired":
      return { ...job, state: "failed", attempt: event.attempt, endedAt: at, lastFailure: failureOfEvent(event) };
    case "completed":
      return { ...job, state: "completed", endedAt: at, ...(event.detail?.result && { result: event.detail.result }) };
    case "cancelled":
      return { ...job, state: "cancelled", endedAt: at };
    case "deleted":
      return { ...job, deletedAt: at };
    case "replayed":
      return event.detail?.to === job.id && event.detail.from !== undefined
        ? { ...job, replayOf: event.detail.from }
        : job;
    case "dead_lettered":
    case "queue_paused":
    case "queue_resumed":
      return job;
    default:
      return event.type satisfies never;
  }
}

/** Why the attempt failed, of an event that says so. */
export function failureOfEvent({ errorCode, message }: EventRow): JobFailure {
  return { code: errorCode ?? "", message: message ?? "" };
}

function newJob(event: EventRow): FoldedJob {
  const at = BigInt(event.at);
  return {
    id: event.jobId ?? "",
    queue: event.queue,
    state: "created",
    attempt: event.attempt,
    maxAttempts: event.maxAttempts ?? 0,
    userId: event.userId ?? "",
    traceId: event.traceId ?? "",
    priority: event.detail?.priority ?? 0,
    uniqueKey: event.detail?.uniqueKey ?? "",
    ...(event.detail?.lastFailure && { lastFailure: event.detail.lastFailure }),
    createdAt: at,
    runAt: event.runAt === null ? at : BigInt(event.runAt),
  };
}

function waiting(job: FoldedJob, state: StoredState, event: EventRow): FoldedJob {
  const { endedAt: _, startedAt, ...rest } = job;
  return {
    ...rest,
    state,
    attempt: event.attempt,
    // A job that is given back as if it had never been fetched has not started.
    ...(startedAt !== undefined && (state === "retry" || event.attempt > 0) && { startedAt }),
  };
}
