import { context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { Logger } from "../logging/create-logger";
import { contextFromCarrier } from "../telemetry/trace-carrier";
import { withSpan } from "../telemetry/with-span";
import { attemptOf, type Claim, ClaimEnd, type ClaimedRow, maxAttemptsOf, returnedTimes, waitedMs } from "./claim";
import { failureOf, fullForMs, isPermanent, type JobFailure } from "./failure";
import { completedOutput } from "./job-output";
import { type JobPayload, messagingAttributes, withPayload } from "./job-payload";
import { PermanentError } from "./permanent-error";
import type { FollowUp, QueuedJob } from "./queued-job";
import type { PreparedJob, Settlement } from "./settle";

/** What is done with a job, and what follows from its end. */
export interface JobHandling<T, R> {
  queue: string;
  logger: Logger;
  /**
   * Does the work. What it throws fails the attempt: for good when it is permanent
   * ({@link PermanentError}, or a Twirp error with a code that says so), else another attempt follows, as long as there
   * is one. A Twirp error that says the called service is full (resource_exhausted) costs no attempt. May run more than once for the same job, even at the same time.
   */
  handle: (job: QueuedJob<T>) => Promise<R>;
  /** What of the result is stored with the job: a JSON object, in which no text holds NUL. Nothing unless given. */
  store?: (result: R) => unknown;
  /** Jobs that follow from its success. Must not throw. */
  onCompleted?: (job: Omit<QueuedJob<T>, "signal">, result: R) => readonly FollowUp[];
  /** Jobs that follow from its failure for good. Must not throw. */
  onFailed?: (job: Omit<QueuedJob<T>, "signal">, failure: JobFailure) => readonly FollowUp[];
  /** Longest time of an attempt. */
  attemptTimeoutMs: number;
}

/** How long a handler may take to return once its signal has fired; after that its slot is given to another job. */
const RETURN_TIMEOUT_MS = 2_000;
/** Wait for a service that is full and does not say for how long. */
const SNOOZE_FIRST_MS = 500;
const SNOOZE_MAX_MS = 10_000;

/**
 * Runs one attempt, in a consumer span in the trace of whoever enqueued the job.
 *
 * @returns what is to be recorded; undefined when the claim is lost and nothing is
 */
export function runAttempt<T, R>(claim: Claim, handling: JobHandling<T, R>): Promise<Settlement | undefined> {
  return inConsumerSpan(claim.row, handling.queue, async (span) => {
    try {
      const result = await handleWithin(claim, handling);
      return await completed(claim.row, handling, result);
    } catch (error) {
      const end: unknown = claim.signal.reason;
      recordFailure(span, error);
      if (!(end instanceof ClaimEnd)) {
        const askedMs = fullForMs(error);
        return askedMs === undefined
          ? await failed(claim.row, handling, failureOf(error), isPermanent(error), error)
          : snoozed(claim.row, handling, failureOf(error), askedMs);
      }
      switch (end.why) {
        case "lost":
          handling.logger.warn("gave up a job that is no longer ours", logFields(claim.row, handling.queue));
          return undefined;
        case "stopping":
          return { row: claim.row, kind: "handed-back" };
        case "timeout":
          return await failed(
            claim.row,
            handling,
            { code: "deadline_exceeded", message: end.message, cause: "attempt_timeout" },
            false,
            error,
          );
        default:
          return end.why satisfies never;
      }
    }
  });
}

/**
 * Ends a job whose worker is gone: another attempt, or failure for good when that was the last.
 */
export function giveUpAttempt<T, R>(row: ClaimedRow, handling: JobHandling<T, R>): Promise<Settlement> {
  const failure = { code: "aborted", message: "the worker stopped responding", cause: "worker_lost" };
  return context.with(rowContext(row), () => failed(row, handling, failure, false, undefined));
}

async function handleWithin<T, R>(claim: Claim, { handle, attemptTimeoutMs }: JobHandling<T, R>): Promise<R> {
  const job: QueuedJob<T> = { ...jobOf<T>(claim.row), signal: claim.signal };
  if (job.attempt > job.maxAttempts) {
    // The attempt in reserve: the last one ended without a word.
    throw new PermanentError("the worker stopped responding", "aborted");
  }
  const timeout = setTimeout(() => {
    claim.end("timeout", `the attempt took longer than ${attemptTimeoutMs} ms`);
  }, attemptTimeoutMs);
  let overrun: NodeJS.Timeout | undefined;
  const { promise: abandoned, reject } = Promise.withResolvers<never>();
  const abandon = () => {
    overrun = setTimeout(() => reject(claim.signal.reason), RETURN_TIMEOUT_MS);
  };
  claim.signal.addEventListener("abort", abandon, { once: true });
  try {
    return await Promise.race([handle(job), abandoned]);
  } finally {
    claim.signal.removeEventListener("abort", abandon);
    clearTimeout(timeout);
    clearTimeout(overrun);
  }
}

async function completed<T, R>(row: ClaimedRow, handling: JobHandling<T, R>, result: R): Promise<Settlement> {
  const followUps = await prepare(handling.onCompleted?.(jobOf<T>(row), result) ?? []);
  return { row, kind: "completed", output: completedOutput(handling.store?.(result), row.output), followUps };
}

async function failed<T, R>(
  row: ClaimedRow,
  handling: JobHandling<T, R>,
  failure: JobFailure,
  permanent: boolean,
  error: unknown,
): Promise<Settlement> {
  const fields = {
    ...logFields(row, handling.queue),
    ...failureFields(failure),
    ...(error !== undefined && { error }),
  };
  if (!permanent && attemptOf(row) < maxAttemptsOf(row)) {
    handling.logger.warn("job failed, will be tried again", fields);
    return { row, kind: "retry", failure };
  }
  handling.logger.error("job failed for good", fields);
  const followUps = isPayload(row.data) ? await prepare(handling.onFailed?.(jobOf<T>(row), failure) ?? []) : [];
  return { row, kind: "failed", failure, followUps };
}

/** A job that waits for a full service waits longer each time, up to ten seconds or what the service asks for. */
function snoozed<T, R>(row: ClaimedRow, handling: JobHandling<T, R>, failure: JobFailure, askedMs: number): Settlement {
  const growing = Math.min(SNOOZE_MAX_MS, SNOOZE_FIRST_MS * 2 ** Math.min(returnedTimes(row), 16));
  // Apart from each other, so that they do not come back all at once.
  const forMs = Math.round(Math.max(growing, askedMs) * (1 + Math.random() / 2));
  handling.logger.info("the called service is full, the job waits", {
    ...logFields(row, handling.queue),
    ...failureFields(failure),
    wait_ms: forMs,
  });
  return { row, kind: "snoozed", failure, forMs };
}

/** Opens the producer spans, while the job's own span is active. */
function prepare(followUps: readonly FollowUp[]): Promise<PreparedJob[]> {
  return Promise.all(
    followUps.map(({ queue, ...job }) =>
      withPayload(queue, job, (payload) => Promise.resolve({ queue, id: job.id, payload })),
    ),
  );
}

function jobOf<T>(row: ClaimedRow): Omit<QueuedJob<T>, "signal"> {
  if (!isPayload(row.data)) {
    throw new PermanentError("the job's payload is not one of ours");
  }
  return {
    id: row.id,
    data: row.data.data as T,
    enqueuedAt: row.createdOn,
    attempt: attemptOf(row),
    maxAttempts: maxAttemptsOf(row),
  };
}

/** A person with a pg-boss client of their own may enqueue anything. */
function isPayload(data: ClaimedRow["data"]): data is JobPayload<unknown> {
  return typeof data === "object" && data !== null && "data" in data;
}

function rowContext({ data }: ClaimedRow) {
  return isPayload(data) ? contextFromCarrier(data.trace ?? {}) : ROOT_CONTEXT;
}

/** The error ends here, so that the span does not see it by itself. */
function recordFailure(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : String(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: failureOf(error).message });
}

function inConsumerSpan<R>(row: ClaimedRow, queue: string, work: (span: Span) => Promise<R>): Promise<R> {
  const attributes = {
    ...messagingAttributes(queue, row.id, "process"),
    "mcsv.job.attempt": attemptOf(row),
    "mcsv.job.wait_ms": waitedMs(row),
  };
  return withSpan(`process ${queue}`, { kind: SpanKind.CONSUMER, attributes, parent: rowContext(row) }, work);
}

function logFields(row: ClaimedRow, queue: string) {
  return { queue, job_id: row.id, attempt: attemptOf(row), max_attempts: maxAttemptsOf(row) };
}

/** Not as they are: winston appends a field `message` to the line's own. */
function failureFields({ code, message, cause }: JobFailure) {
  return { code, error_message: message, ...(cause !== undefined && { cause }) };
}
