import type { Meter } from "@opentelemetry/api";

/** Bounds in seconds: from a job that is taken at once to one that waits for an hour. */
const WAITS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];
const ATTEMPTS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/**
 * How an attempt ended. retried: it failed and another follows. failed: for good. snoozed: the called service is full.
 * handed_back: the process stops. lost: the job was cancelled, or another worker took it.
 */
export type AttemptOutcome = "completed" | "retried" | "failed" | "snoozed" | "handed_back" | "lost";

/** What is measured of the jobs that this process works on, by queue. */
export class AttemptMetrics {
  readonly #wait;
  readonly #attempt;
  readonly #deadLetters;

  constructor(meter: Meter) {
    const histogram = (name: string, description: string, explicitBucketBoundaries: number[]) =>
      meter.createHistogram(name, { unit: "s", description, advice: { explicitBucketBoundaries } });
    this.#wait = histogram("mcsv.queue.wait.duration", "Time from when a job could run until a worker took it.", WAITS);
    this.#attempt = histogram("mcsv.queue.attempt.duration", "Time of an attempt at a job.", ATTEMPTS);
    this.#deadLetters = meter.createCounter("mcsv.queue.dead_letters", {
      unit: "{job}",
      description: "Jobs that failed for good.",
    });
  }

  /** Makes the series of a queue begin at 0: what begins at 1 is no increase to Prometheus. */
  begin(queue: string): void {
    this.#deadLetters.add(0, { queue });
  }

  /** Records that a job was taken for an attempt. */
  taken(queue: string, waitedMs: number): void {
    this.#wait.record(waitedMs / 1000, { queue });
  }

  /** Records that an attempt ended. */
  ended(queue: string, outcome: AttemptOutcome, seconds: number): void {
    this.#attempt.record(seconds, { queue, outcome });
  }

  /** Records that a job has failed for good. */
  failedForGood(queue: string): void {
    this.#deadLetters.add(1, { queue });
  }
}
