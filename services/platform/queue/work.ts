import { setTimeout as delay } from "node:timers/promises";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { AttemptMetrics, AttemptOutcome } from "./attempt-metrics";
import { Claim, type ClaimedRow } from "./claim";
import type { QueueBoss } from "./create-boss";
import { Heartbeat } from "./heartbeat";
import { JobFetcher } from "./job-fetcher";
import { RateLimit } from "./rate-limit";
import { giveUpAttempt, type JobHandling, runAttempt } from "./run-attempt";
import type { Settlement } from "./settle";
import { Settler } from "./settler";

/** A queue, what is done with its jobs, and how many at once. */
export interface WorkOptions<T, R> extends Omit<JobHandling<T, R>, "attemptTimeoutMs"> {
  /** Jobs that run at once in this process. */
  concurrency: number;
  /** Longest time of an attempt; its signal fires then. 60 s unless given. */
  attemptTimeoutMs?: number;
  /** Time between two heartbeats of a running job. 1 s unless given. */
  heartbeatIntervalMs?: number;
  /** A job without a heartbeat for this long is taken from its worker. 5 s unless given. */
  heartbeatTimeoutMs?: number;
  /** Longest time until a job whose time has come (a retry, a scheduled job) is found. 1 s unless given. */
  pollIntervalMs?: number;
  /**
   * Most attempts that begin in a minute, over all processes with the same limit, each try of a job counted. Takes the table
   * queue_rate_limits. No limit unless given.
   */
  ratePerMinute?: number;
  /** How long {@link Worker.stop} waits for running jobs before it hands them back. 5 s unless given. */
  drainTimeoutMs?: number;
}

/** A running worker. */
export interface Worker {
  /** Number of jobs that run now. */
  readonly active: number;
  /**
   * Takes no more jobs and waits for those that run. What still runs after the drain timeout is aborted and handed
   * back: another worker may run it at once. Never rejects. Stop workers before their boss.
   */
  stop(): Promise<void>;
}

const DEFAULTS = {
  attemptTimeoutMs: 60_000,
  heartbeatIntervalMs: 1_000,
  heartbeatTimeoutMs: 5_000,
  pollIntervalMs: 1_000,
  drainTimeoutMs: 5_000,
};

const OUTCOMES: Readonly<Record<Settlement["kind"], AttemptOutcome>> = {
  completed: "completed",
  retry: "retried",
  failed: "failed",
  snoozed: "snoozed",
  "handed-back": "handed_back",
};

/** How long a slot stays empty after a job found the called service full. */
const REST_MS = 500;

/** Time that is left to aborted handlers, and to the last transaction. */
const LAST_WORDS_MS = 3_000;

/**
 * Works on a queue. Jobs run independently of each other: a slow one takes one slot, and the others go on.
 *
 * Why not pg-boss's own `work()`: with batches, a batch waits for its slowest job; without, every notification wakes
 * as many pollers as there are slots, each with a statement of its own.
 *
 * @throws when the queue does not exist, or the database cannot be reached now; afterwards it may come and go
 */
export async function work<T, R = unknown>(boss: QueueBoss, options: WorkOptions<T, R>): Promise<Worker> {
  if ((await boss.getQueue(options.queue)) === null) {
    throw new Error(`queue ${options.queue} does not exist`);
  }
  // Timers and polls belong to no caller's trace.
  return context.with(ROOT_CONTEXT, () => new QueueWorker(boss, { ...DEFAULTS, ...options }));
}

class QueueWorker<T, R> implements Worker {
  readonly #options: Required<
    Omit<WorkOptions<T, R>, "subjectOf" | "store" | "onCompleted" | "onFailed" | "ratePerMinute">
  > &
    JobHandling<T, R>;
  /** Jobs that run. */
  readonly #running = new Set<Claim>();
  /** Jobs that have run, and whose end is being recorded: they are still ours. */
  readonly #settling = new Map<ClaimedRow, Claim>();
  /** Slots that are kept free for a moment, because a called service is full. */
  #resting = 0;
  readonly #metrics: AttemptMetrics;
  readonly #settler: Settler;
  readonly #fetcher: JobFetcher;
  readonly #heartbeat: Heartbeat;
  #stopping: Promise<void> | undefined;
  #idle: (() => void) | undefined;

  constructor(boss: QueueBoss, options: WorkOptions<T, R> & typeof DEFAULTS) {
    this.#options = options;
    this.#metrics = boss.metrics;
    this.#metrics.begin(options.queue);
    const { queue, concurrency, logger, pollIntervalMs, ratePerMinute } = options;
    const { heartbeatIntervalMs, heartbeatTimeoutMs } = options;
    this.#settler = new Settler(boss, {
      queue,
      concurrency,
      onSettled: (settlement) => this.#settled(settlement),
      logger,
    });
    this.#heartbeat = new Heartbeat(boss, {
      queue,
      intervalMs: heartbeatIntervalMs,
      timeoutMs: heartbeatTimeoutMs,
      running: () => this.#running,
      held: () => this.#claims(),
      takeLost: (rows) => this.#giveUp(rows),
      logger,
    });
    this.#fetcher = new JobFetcher(boss, {
      queue,
      concurrency,
      // What ended but is not recorded yet frees its slot, up to as many again.
      free: () =>
        Math.min(concurrency - this.#running.size, 2 * concurrency - this.#running.size - this.#settling.size) -
        this.#resting,
      take: (rows) => this.#start(rows),
      pollIntervalMs,
      ...(ratePerMinute !== undefined && { rateLimit: new RateLimit(boss.database.pool, queue, ratePerMinute) }),
      logger,
    });
  }

  get active(): number {
    return this.#running.size;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#fetcher.stop();
    await this.#idleWithin(this.#options.drainTimeoutMs);
    for (const claim of this.#running) {
      claim.end("stopping", "the process stops");
    }
    await this.#idleWithin(LAST_WORDS_MS);
    await this.#heartbeat.stop();
    if (this.#running.size + this.#settling.size > 0) {
      this.#options.logger.warn(
        "stopped with jobs at hand: another worker takes them when their heartbeats are missed",
        {
          queue: this.#options.queue,
          jobs: [...this.#claims()].map((claim) => claim.id),
        },
      );
    }
  }

  #start(rows: readonly ClaimedRow[]): void {
    for (const row of rows) {
      const claim = new Claim(row);
      this.#running.add(claim);
      if (this.#stopping !== undefined) {
        this.#finish(claim, { row, kind: "handed-back" });
        continue;
      }
      runAttempt(claim, this.#options).then(
        (settlement) => this.#finish(claim, settlement),
        (error) => {
          // Only a hook of ours that throws gets here. Without heartbeats the job is found again.
          this.#options.logger.error("job could not be ended", { queue: this.#options.queue, job_id: row.id, error });
          this.#finish(claim, undefined);
        },
      );
    }
  }

  #finish(claim: Claim, settlement: Settlement | undefined): void {
    this.#running.delete(claim);
    const outcome = settlement === undefined ? "lost" : OUTCOMES[settlement.kind];
    this.#metrics.ended(this.#options.queue, outcome, (Date.now() - claim.claimedAt) / 1000);
    if (settlement !== undefined) {
      if (settlement.kind === "snoozed") {
        this.#rest();
      }
      this.#settling.set(settlement.row, claim);
      this.#settler.add(settlement);
    }
    this.#changed();
  }

  /** Keeps a backlog from being tried job by job, as fast as a full service can say no. */
  #rest(): void {
    this.#resting++;
    const timer = setTimeout(() => {
      this.#resting--;
      this.#fetcher.slotFreed();
    }, REST_MS);
    // A process that stops does not wait for it.
    timer.unref();
  }

  #settled({ row }: Settlement): void {
    this.#settling.delete(row);
    this.#changed();
  }

  #giveUp(rows: readonly ClaimedRow[]): void {
    for (const row of rows) {
      giveUpAttempt(row, this.#options).then(
        (settlement) => this.#settler.add(settlement),
        (error) => {
          this.#options.logger.error("job could not be ended", { queue: this.#options.queue, job_id: row.id, error });
        },
      );
    }
  }

  *#claims(): Iterable<Claim> {
    yield* this.#running;
    yield* this.#settling.values();
  }

  #changed(): void {
    this.#fetcher.slotFreed();
    if (this.#running.size + this.#settling.size === 0) {
      this.#idle?.();
    }
  }

  async #idleWithin(ms: number): Promise<void> {
    if (this.#running.size + this.#settling.size === 0) {
      return;
    }
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    const over = new AbortController();
    await Promise.race([idle, delay(ms, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
  }
}
