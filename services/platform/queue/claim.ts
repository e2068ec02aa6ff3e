import type { JobWithMetadata } from "pg-boss";
import { readReturned } from "./job-output";
import type { JobPayload } from "./job-payload";

/** What settling a job takes: its row as it was when this attempt was claimed. */
export type ClaimedRow = Pick<
  JobWithMetadata<JobPayload<unknown> | null>,
  "id" | "data" | "output" | "retryCount" | "retryLimit" | "createdOn" | "startAfter" | "startedOn"
>;

/** A job that this worker holds: pg-boss has it as active, and no other worker takes it while heartbeats come. */
export class Claim {
  readonly row: ClaimedRow;
  readonly claimedAt = Date.now();
  readonly #abort = new AbortController();

  constructor(row: ClaimedRow) {
    this.row = row;
  }

  get id(): string {
    return this.row.id;
  }

  get attempt(): number {
    return attemptOf(this.row);
  }

  /** Fires when the attempt is not worth going on with; its reason is a {@link ClaimEnd}. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  end(why: ClaimEnd["why"], message: string): void {
    this.#abort.abort(new ClaimEnd(why, message));
  }
}

/** Why a claim ended before its handler did. */
export class ClaimEnd extends Error {
  override readonly name = "ClaimEnd";
  /** lost: another has it, or it was cancelled. stopping: the process ends. timeout: it took too long. */
  readonly why: "lost" | "stopping" | "timeout";

  constructor(why: ClaimEnd["why"], message: string) {
    super(message);
    this.why = why;
  }
}

/** What is stored with the job, as pg-boss has it. */
interface HasOutput {
  output: unknown;
}

/** 1 for the first attempt that counts. */
export function attemptOf(row: Pick<ClaimedRow, "retryCount"> & HasOutput): number {
  return row.retryCount + 1 - returnedTimes(row);
}

/** Attempts before the job fails for good: the queue keeps one in reserve, see ensureQueues. */
export function maxAttemptsOf(row: Pick<ClaimedRow, "retryLimit"> & HasOutput): number {
  return Math.max(1, row.retryLimit - returnedTimes(row));
}

/** How long the job could have run before it was claimed, in milliseconds; both times are by the database's clock. */
export function waitedMs({ startAfter, startedOn }: Pick<ClaimedRow, "startAfter" | "startedOn">): number {
  return Math.max(0, startedOn.getTime() - startAfter.getTime());
}

/**
 * Attempts that were handed back. pg-boss counts every fetch, and that count is what tells the attempts of a job apart; so
 * each one that does not count adds one to the limit as well, and is subtracted where people look.
 */
export function returnedTimes({ output }: HasOutput): number {
  return readReturned(output)?.times ?? 0;
}
