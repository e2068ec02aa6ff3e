import { type Context, context, ROOT_CONTEXT, type Span, SpanKind, trace } from "@opentelemetry/api";
import type { Logger } from "../logging/create-logger";
import { errorTypeOf, recordFailure } from "../telemetry/record-failure";
import { type Subject, subjectAttributes, subjectFields } from "../telemetry/subject";
import { contextFromCarrier } from "../telemetry/trace-carrier";
import { withSpan } from "../telemetry/with-span";
import { attemptOf, type Claim, ClaimEnd, type ClaimedRow, maxAttemptsOf, returnedTimes, waitedMs } from "./claim";
import { failureOf, fullForMs, isPermanent, type JobFailure } from "./failure";
import { completedOutput } from "./job-output";
import { type JobPayload, MESSAGING_SYSTEM, messagingAttributes, withPayload } from "./job-payload";
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
  /** What a job is about, for logs and traces; its own id unless given. Must not throw. */
  subjectOf?: (job: Pick<QueuedJob<T>, "id" | "data">) => Subject;
  /** What of the result is stored with the job: a JSON object, in which no text holds NUL. Nothing unless given. */
  store?: (result: R) => unknown;
  /** Jobs that follow from its success. Must not throw. */
  onCompleted?: (job: Omit<QueuedJob<T>, "signal">, result: R) => readonly FollowUp[];
  /** Jobs that follow from its failure for good. Must not throw. */
  onFailed?: (job: Omit<QueuedJob<T>, "signal">, failure: JobFailure) => readonly FollowUp[];
  /** Longest time of an attempt. */
  attemptTimeoutMs: number;
}

/** `error.type` of attempts whose claim ended. */
const CLAIM_END_TYPES = { lost: "claim_lost", stopping: "process_stopping", timeout: "attempt_timeout" } as const;
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
  recordWait(claim.row, handling.queue);
  return inConsumerSpan(claim.row, handling, async (span) => {
    const settlement = await attempted(claim, handling, span);
    return settlement && { ...settlement, span: span.spanContext() };
  });
}

/** The error of an attempt ends here, so that the span does not see it by itself. */
async function attempted<T, R>(claim: Claim, handling: JobHandling<T, R>, span: Span): Promise<Settlement | undefined> {
  try {
    const result = await handleWithin(claim, handling);
    return await completed(claim, handling, result);
  } catch (error) {
    const end: unknown = claim.signal.reason;
    recordFailure(span, error, {
      type: end instanceof ClaimEnd ? CLAIM_END_TYPES[end.why] : errorTypeOf(error),
      message: failureOf(error).message,
    });
    if (!(end instanceof ClaimEnd)) {
      const askedMs = fullForMs(error);
      return askedMs === undefined
        ? await failed(claim.row, handling, failureOf(error), isPermanent(error), error)
        : snoozed(claim.row, handling, failureOf(error), askedMs);
    }
    switch (end.why) {
      case "lost":
        handling.logger.warn("gave up a job that is no longer ours", logFields(claim.row, handling));
        return undefined;
      case "stopping":
        handling.logger.info("job handed back", logFields(claim.row, handling));
        return { row: claim.row, kind: "handed-back" };
      case "timeout":
        return await failed(
          claim.row,
          handling,
          { code: "deadline_exceeded", message: end.message, cause: CLAIM_END_TYPES.timeout },
          false,
          error,
        );
      default:
        return end.why satisfies never;
    }
  }
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

async function completed<T, R>(claim: Claim, handling: JobHandling<T, R>, result: R): Promise<Settlement> {
  const { row } = claim;
  const durationMs = Date.now() - claim.claimedAt;
  handling.logger.info("job completed", { ...logFields(row, handling), duration_ms: durationMs });
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
    ...logFields(row, handling),
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
    ...logFields(row, handling),
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

function rowContext({ data }: ClaimedRow): Context {
  return isPayload(data) ? contextFromCarrier(data.trace ?? {}) : ROOT_CONTEXT;
}

/** A span of the time in the queue, which is over: it begins and ends by the database's clock. */
function recordWait(row: ClaimedRow, queue: string): void {
  const attributes = {
    "messaging.system": MESSAGING_SYSTEM,
    "messaging.destination.name": queue,
    "messaging.message.id": row.id,
    "mcsv.job.attempt": attemptOf(row),
  };
  const endTime = row.startedOn.getTime();
  const startTime = endTime - waitedMs(row);
  trace.getTracer("mcsv").startSpan(`wait ${queue}`, { attributes, startTime }, rowContext(row)).end(endTime);
}

function inConsumerSpan<T, R, S>(
  row: ClaimedRow,
  handling: JobHandling<T, R>,
  work: (span: Span) => Promise<S>,
): Promise<S> {
  const attributes = {
    ...messagingAttributes(handling.queue, row.id, "process"),
    ...subjectAttributes(subjectOf(row, handling)),
    "mcsv.job.attempt": attemptOf(row),
  };
  return withSpan(`process ${handling.queue}`, { kind: SpanKind.CONSUMER, attributes, parent: rowContext(row) }, work);
}

/** What a job is about; its own id comes first, whatever else is. */
function subjectOf<T, R>({ id, data }: ClaimedRow, { subjectOf }: JobHandling<T, R>): Subject {
  return { ...(isPayload(data) ? subjectOf?.({ id, data: data.data as T }) : {}), jobId: id };
}

function logFields<T, R>(row: ClaimedRow, handling: JobHandling<T, R>) {
  return {
    queue: handling.queue,
    ...subjectFields(subjectOf(row, handling)),
    attempt: attemptOf(row),
    max_attempts: maxAttemptsOf(row),
  };
}

/** Not as they are: winston appends a field `message` to the line's own. */
function failureFields({ code, message, cause }: JobFailure) {
  return { code, error_message: message, ...(cause !== undefined && { cause }) };
}
