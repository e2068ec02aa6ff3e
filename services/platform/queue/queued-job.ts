import type { NewJob } from "./job-payload";

/** A job as its handler sees it. */
export interface QueuedJob<T> {
  /** Id (UUID). */
  id: string;
  /** When it was enqueued, by the database's clock. */
  enqueuedAt: Date;
  /** What was enqueued. */
  data: T;
  /**
   * Fires when the result will not count any more: the attempt took too long, the job was cancelled or taken over, or
   * the process is about to stop. The handler should give up.
   */
  signal: AbortSignal;
  /** 1 for the first. */
  attempt: number;
  /** Attempts before the job fails for good. */
  maxAttempts: number;
}

/** A job that comes of another's end, enqueued in the transaction that records it: exactly once, or not at all. */
export interface FollowUp extends NewJob {
  queue: string;
}
