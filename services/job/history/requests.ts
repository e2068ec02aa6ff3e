import type { Timestamp } from "../../../gen/twirp/google/protobuf/timestamp";
import {
  type CancelJobRequest,
  type GetJobHistoryRequest,
  JobEventFilter,
  type ReplayJobsRequest,
  type RetryJobRequest,
  type SearchJobEventsRequest,
} from "../../../gen/twirp/mcsv/v1/job";
import { invalidArgument } from "../../platform/twirp/errors";
import type { Replay } from "../control/replay-jobs";
import type { EventFilter } from "./event-filter";
import { storedEventType } from "./event-to-proto";
import { decodeEventToken } from "./event-token";
import { toMicroseconds } from "./microseconds";
import type { EventPosition } from "./sql-conditions";

// What requests are once their schemas in openapi/job.yaml hold, and what those cannot say.

const DEFAULT_HISTORY_PAGE = 1_000;
const DEFAULT_SEARCH_PAGE = 50;
const DEFAULT_REPLAY_LIMIT = 1_000;
const DEFAULT_REPLAY_RATE = 10;

/** Which job, when, and which part of its history. */
export interface HistoryQuery {
  jobId: string;
  /** Microseconds since the epoch; undefined for now. */
  at: bigint | undefined;
  pageSize: number;
  after: EventPosition | undefined;
}

/**
 * Reads GetJobHistory.
 *
 * @throws TwirpError invalid_argument for a page token that is none of ours
 */
export function readGetJobHistory({ jobId, at, pageSize, pageToken }: GetJobHistoryRequest): HistoryQuery {
  return {
    jobId: jobId.toLowerCase(),
    at: at === undefined ? undefined : toMicroseconds(at),
    pageSize: pageSize || DEFAULT_HISTORY_PAGE,
    after: pageToken === "" ? undefined : decodeEventToken(pageToken),
  };
}

/** Which events, and which page of them. */
export interface EventSearch {
  filter: EventFilter;
  pageSize: number;
  after: EventPosition | undefined;
}

/**
 * Reads SearchJobEvents.
 *
 * @throws TwirpError invalid_argument for a page token that is none of ours, and for types that are unspecified
 */
export function readSearchJobEvents({ filter, pageSize, pageToken }: SearchJobEventsRequest): EventSearch {
  return {
    filter: readFilter(filter ?? JobEventFilter.create()),
    pageSize: pageSize || DEFAULT_SEARCH_PAGE,
    after: pageToken === "" ? undefined : decodeEventToken(pageToken),
  };
}

/** Reads CancelJob and RetryJob. */
export function readActOnJob({ jobId, reason }: CancelJobRequest | RetryJobRequest): { jobId: string; reason: string } {
  return { jobId: jobId.toLowerCase(), reason };
}

/**
 * Reads ReplayJobs.
 *
 * @throws TwirpError invalid_argument without a request key, unless it is a dry run
 */
export function readReplayJobs(request: ReplayJobsRequest): Replay & { reason: string } {
  const { requestKey, dryRun, limit, ratePerSecond, reason } = request;
  if (requestKey === "" && !dryRun) {
    throw invalidArgument("request_key", "is required unless it is a dry run");
  }
  const filter = readFilter(request.filter ?? JobEventFilter.create());
  return {
    requestKey,
    filter: filter.types.length === 0 ? { ...filter, types: ["failed", "expired"] } : filter,
    dryRun,
    limit: limit || DEFAULT_REPLAY_LIMIT,
    ratePerSecond: ratePerSecond || DEFAULT_REPLAY_RATE,
    reason,
  };
}

function readFilter(filter: JobEventFilter): EventFilter {
  const { types, queue, errorClass, errorText, attempt, actor, userId, since, until, withinSeconds } = filter;
  return {
    types: types.map((type) => {
      const stored = storedEventType(type);
      if (stored === undefined) {
        throw invalidArgument("filter.types", "must not be JOB_EVENT_TYPE_UNSPECIFIED");
      }
      return stored;
    }),
    ...(queue !== "" && { queue }),
    ...(errorClass !== "" && { errorClass }),
    ...(errorText !== "" && { errorText }),
    ...(attempt !== 0 && { attempt }),
    ...(actor !== "" && { actor }),
    ...(userId !== "" && { userId: userId.toLowerCase() }),
    ...time("since", since),
    ...time("until", until),
    ...(withinSeconds !== 0 && { withinSeconds }),
  };
}

function time<K extends "since" | "until">(key: K, value: Timestamp | undefined): Partial<Record<K, bigint>> {
  return value === undefined ? {} : ({ [key]: toMicroseconds(value) } as Record<K, bigint>);
}
