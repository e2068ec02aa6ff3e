import type { Timestamp } from "../../../gen/twirp/google/protobuf/timestamp";
import {
  type CancelJobRequest,
  type GetJobHistoryRequest,
  JobEventFilter,
  type JobEventType,
  type PauseQueueRequest,
  type ReplayJobsRequest,
  type RetryJobRequest,
  type SearchJobEventsRequest,
} from "../../../gen/twirp/mcsv/v1/job";
import { invalidArgument } from "../../platform/twirp/errors";
import { checkRange, checkText, checkUuid } from "../../platform/validation/fields";
import type { Replay } from "../control/replay-jobs";
import { QUEUE_NAMES, WORKED_QUEUES } from "../queues";
import type { EventFilter } from "./event-filter";
import { storedEventType } from "./event-to-proto";
import { decodeEventToken } from "./event-token";
import { toMicroseconds } from "./microseconds";
import type { EventPosition } from "./sql-conditions";

// What each request must be, and what it is once it has been checked. Every check throws invalid_argument with
// meta.argument = path of the field.

const MAX_PAGE_SIZE = 1_000;
const DEFAULT_SEARCH_PAGE = 50;
const MAX_KEY = 200;
const MAX_REASON = 500;
const ERROR_TEXT = { min: 3, max: 200 };
const MAX_TEXT = 200;
const MAX_WITHIN_SECONDS = 10 * 366 * 24 * 60 * 60;
const MAX_ATTEMPT = 2_147_483_647;
const REPLAY = { maxLimit: 10_000, defaultLimit: 1_000, maxRate: 1_000, defaultRate: 10 };

/** Which job, when, and which part of its history. */
export interface HistoryQuery {
  jobId: string;
  /** Microseconds since the epoch; undefined for now. */
  at: bigint | undefined;
  pageSize: number;
  after: EventPosition | undefined;
}

/** Checks GetJobHistory. */
export function checkGetJobHistory({ jobId, at, pageSize, pageToken }: GetJobHistoryRequest): HistoryQuery {
  return {
    jobId: checkUuid("job_id", jobId),
    at: at === undefined ? undefined : toMicroseconds(at),
    pageSize: checkRange("page_size", pageSize, 0, MAX_PAGE_SIZE) || MAX_PAGE_SIZE,
    after: pageToken === "" ? undefined : decodeEventToken(pageToken),
  };
}

/** Which events, and which page of them. */
export interface EventSearch {
  filter: EventFilter;
  pageSize: number;
  after: EventPosition | undefined;
}

/** Checks SearchJobEvents. */
export function checkSearchJobEvents({ filter, pageSize, pageToken }: SearchJobEventsRequest): EventSearch {
  return {
    filter: checkFilter("filter", filter ?? JobEventFilter.create()),
    pageSize: checkRange("page_size", pageSize, 0, MAX_PAGE_SIZE) || DEFAULT_SEARCH_PAGE,
    after: pageToken === "" ? undefined : decodeEventToken(pageToken),
  };
}

/** Checks CancelJob and RetryJob. */
export function checkActOnJob({ jobId, reason }: CancelJobRequest | RetryJobRequest): {
  jobId: string;
  reason: string;
} {
  return { jobId: checkUuid("job_id", jobId), reason: checkReason(reason) };
}

/** Checks PauseQueue and ResumeQueue. */
export function checkActOnQueue({ queue, reason }: PauseQueueRequest): { queue: string; reason: string } {
  if (!WORKED_QUEUES.includes(queue)) {
    throw invalidArgument("queue", `must be one of ${WORKED_QUEUES.join(", ")}`);
  }
  return { queue, reason: checkReason(reason) };
}

/** Checks ReplayJobs. */
export function checkReplayJobs(request: ReplayJobsRequest): Replay & { reason: string } {
  const { requestKey, filter: given, dryRun, limit, ratePerSecond, reason } = request;
  const filter = checkFilter("filter", given ?? JobEventFilter.create());
  return {
    requestKey: checkText("request_key", requestKey, { min: dryRun ? 0 : 1, max: MAX_KEY }),
    filter: filter.types.length === 0 ? { ...filter, types: ["failed", "expired"] } : filter,
    dryRun,
    limit: checkRange("limit", limit, 0, REPLAY.maxLimit) || REPLAY.defaultLimit,
    ratePerSecond: checkRange("rate_per_second", ratePerSecond, 0, REPLAY.maxRate) || REPLAY.defaultRate,
    reason: checkReason(reason),
  };
}

function checkFilter(path: string, filter: JobEventFilter): EventFilter {
  const { types, queue, errorClass, errorText, attempt, actor, userId, since, until, withinSeconds } = filter;
  if (queue !== "" && !QUEUE_NAMES.includes(queue)) {
    throw invalidArgument(`${path}.queue`, `must be empty or one of ${QUEUE_NAMES.join(", ")}`);
  }
  checkText(`${path}.error_class`, errorClass, { min: 0, max: MAX_TEXT });
  checkText(`${path}.actor`, actor, { min: 0, max: MAX_TEXT });
  checkRange(`${path}.attempt`, attempt, 0, MAX_ATTEMPT);
  checkRange(`${path}.within_seconds`, withinSeconds, 0, MAX_WITHIN_SECONDS);
  return {
    types: types.map((type) => checkType(`${path}.types`, type)),
    ...(queue !== "" && { queue }),
    ...(errorClass !== "" && { errorClass }),
    ...(errorText !== "" && { errorText: checkText(`${path}.error_text`, errorText, ERROR_TEXT) }),
    ...(attempt !== 0 && { attempt }),
    ...(actor !== "" && { actor }),
    ...(userId !== "" && { userId: checkUuid(`${path}.user_id`, userId) }),
    ...microseconds("since", since),
    ...microseconds("until", until),
    ...(withinSeconds !== 0 && { withinSeconds }),
  };
}

function checkType(path: string, type: JobEventType) {
  const stored = storedEventType(type);
  if (stored === undefined) {
    throw invalidArgument(path, "must be a value that the contract names, and not UNSPECIFIED");
  }
  return stored;
}

function microseconds<K extends string>(key: K, time: Timestamp | undefined): { [key in K]?: bigint } {
  return time === undefined ? {} : ({ [key]: toMicroseconds(time) } as { [key in K]?: bigint });
}

function checkReason(reason: string): string {
  return checkText("reason", reason, { min: 0, max: MAX_REASON });
}
