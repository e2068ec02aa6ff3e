import type { JsonValue } from "@protobuf-ts/runtime";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import { EmailDelivery } from "../../gen/twirp/mcsv/v1/email";
import { ConvertedPdf } from "../../gen/twirp/mcsv/v1/image";
import { Job, JobState, QueueStats } from "../../gen/twirp/mcsv/v1/job";
import { attemptOf, maxAttemptsOf } from "../platform/queue/claim";
import { readCompleted, readFailure } from "../platform/queue/job-output";
import { traceIdOf } from "../platform/telemetry/trace-carrier";
import { fromStored } from "./job-data";
import type { JobRow, QueueCounts, StoredState } from "./job-rows";
import { EMAIL_QUEUE, IMAGE_CONVERSION_QUEUE } from "./queues";

/** Folds a row of pg-boss's table into a job. */
export function jobToProto(row: JobRow): Job {
  const { lastFailure, result } = ending(row);
  return Job.create({
    id: row.id,
    queue: row.queue,
    state: jobState(row.state),
    // The queue keeps one attempt in reserve, to report a job whose last attempt ended without a word.
    attempt: row.startedOn === null ? 0 : Math.min(attemptOf(row), maxAttemptsOf(row)),
    maxAttempts: maxAttemptsOf(row),
    userId: row.data?.data?.userId ?? "",
    traceId: traceIdOf(row.data?.trace ?? {}),
    createdAt: Timestamp.fromDate(row.createdOn),
    runAt: Timestamp.fromDate(row.startAfter),
    ...(row.startedOn !== null && { startedAt: Timestamp.fromDate(row.startedOn) }),
    ...(row.completedOn !== null && { endedAt: Timestamp.fromDate(row.completedOn) }),
    ...(lastFailure !== undefined && { lastFailure }),
    result: resultToProto(row.queue, result),
    priority: row.priority,
    uniqueKey: row.uniqueKey ?? "",
    replayOf: row.data?.data?.replayOf ?? "",
  });
}

/** Makes the message of a queue's counts. */
export function queueStatsToProto({
  oldestReadyAge,
  pausedBy,
  pauseReason,
  pausedAt,
  ...counts
}: QueueCounts): QueueStats {
  return QueueStats.create({
    ...counts,
    oldestReadyAgeMs: BigInt(Math.max(0, Math.round(oldestReadyAge))),
    ...(pausedAt !== null && {
      pause: { actor: pausedBy ?? "", reason: pauseReason ?? "", pausedAt: Timestamp.fromDate(pausedAt) },
    }),
  });
}

function ending({ state, output, sourceOutput }: JobRow): ReturnType<typeof readCompleted> {
  if (state === "completed") {
    return readCompleted(output);
  }
  const lastFailure = readFailure(output ?? sourceOutput);
  return lastFailure === undefined ? {} : { lastFailure };
}

/** Makes of a stored result the one that jobs of that queue have. */
export function resultToProto(queue: string, result: object | undefined): Job["result"] {
  if (result === undefined) {
    return { oneofKind: undefined };
  }
  switch (queue) {
    case EMAIL_QUEUE:
      return { oneofKind: "email", email: fromStored(EmailDelivery, result as JsonValue) };
    case IMAGE_CONVERSION_QUEUE:
      return { oneofKind: "pdf", pdf: fromStored(ConvertedPdf, result as JsonValue) };
    default:
      return { oneofKind: undefined };
  }
}

/** Makes of pg-boss's state the contract's. */
export function jobState(state: StoredState): JobState {
  switch (state) {
    case "created":
      return JobState.QUEUED;
    case "retry":
      return JobState.RETRYING;
    case "active":
      return JobState.ACTIVE;
    case "completed":
      return JobState.COMPLETED;
    case "cancelled":
      return JobState.CANCELLED;
    case "failed":
      return JobState.FAILED;
    default:
      return state satisfies never;
  }
}
