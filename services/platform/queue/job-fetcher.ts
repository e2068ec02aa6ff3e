import type { Logger } from "../logging/create-logger";
import { type ClaimedRow, waitedMs } from "./claim";
import type { QueueBoss } from "./create-boss";
import type { JobPayload } from "./job-payload";
import type { RateLimit } from "./rate-limit";

/** What the fetcher needs of the worker. */
export interface JobFetcherOptions {
  queue: string;
  /** Jobs that may run at once. */
  concurrency: number;
  /** How many more could run now. */
  free: () => number;
  /** Takes the jobs that were fetched. */
  take: (rows: readonly ClaimedRow[]) => void;
  /** Longest time between two looks at the queue: retries and scheduled jobs are found by looking. */
  pollIntervalMs: number;
  /** How fast jobs may be taken; as fast as they come unless given. */
  rateLimit?: RateLimit;
  logger: Logger;
}

/**
 * Least time between two fetches that find little: jobs that arrive close together are claimed by one statement. Under
 * light load it is no wait.
 */
const MIN_GAP_MS = 20;
const MAX_BATCH = 64;
const RETRY_MS = 500;

/**
 * Claims jobs for a worker: at once when one is announced, in batches as large as there are free slots, and not before
 * there are some. One statement is under way at a time, whatever the concurrency.
 */
export class JobFetcher {
  readonly #boss: QueueBoss;
  readonly #options: JobFetcherOptions;
  readonly #unsubscribe: () => void;
  readonly #polling: NodeJS.Timeout;
  /** There may be jobs. */
  #wanted = true;
  /** The last fetch filled all it asked for. */
  #backlog = false;
  #notBefore = 0;
  #timer: NodeJS.Timeout | undefined;
  #fetching: Promise<void> | undefined;
  #failing = false;
  #stopped = false;

  constructor(boss: QueueBoss, options: JobFetcherOptions) {
    this.#boss = boss;
    this.#options = options;
    this.#unsubscribe = boss.database.subscribe(options.queue, () => this.#want());
    this.#polling = setInterval(() => this.#want(), options.pollIntervalMs);
    this.#pump();
  }

  /** To be called when a slot became free. */
  slotFreed(): void {
    this.#pump();
  }

  /** Claims no more. Resolves when the last jobs were handed to `take`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    clearInterval(this.#polling);
    clearTimeout(this.#timer);
    await this.#fetching;
  }

  #want(): void {
    this.#wanted = true;
    this.#pump();
  }

  #pump(): void {
    const free = this.#options.free();
    if (this.#stopped || !this.#wanted || this.#fetching !== undefined || free <= 0) {
      return;
    }
    // With a backlog, a quarter of the slots is worth a statement of its own.
    const worthwhile = this.#backlog && free >= this.#options.concurrency / 4 && !this.#failing;
    const waitMs = worthwhile ? 0 : this.#notBefore - Date.now();
    if (waitMs <= 0) {
      this.#fetching = this.#fetch(Math.min(free, MAX_BATCH)).finally(() => {
        this.#fetching = undefined;
        this.#pump();
      });
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pump(), waitMs);
  }

  async #fetch(batchSize: number): Promise<void> {
    const { queue, logger, take, rateLimit } = this.#options;
    this.#wanted = false;
    this.#notBefore = Date.now() + MIN_GAP_MS;
    try {
      const rows =
        rateLimit === undefined ? await this.#claim(batchSize) : await this.#claimSlowly(batchSize, rateLimit);
      this.#failing = false;
      this.#backlog = rows.length === batchSize;
      this.#wanted ||= this.#backlog;
      take(rows);
    } catch (error) {
      logger.log(this.#failing ? "debug" : "warn", "cannot fetch jobs", { queue, error });
      this.#failing = true;
      this.#wanted = true;
      this.#notBefore = Date.now() + RETRY_MS;
    }
  }

  async #claim(batchSize: number): Promise<ClaimedRow[]> {
    const { queue } = this.#options;
    const rows = await this.#boss.fetch<JobPayload<unknown> | null>(queue, { batchSize, includeMetadata: true });
    for (const row of rows) {
      this.#boss.metrics.taken(queue, waitedMs(row));
    }
    return rows;
  }

  /** Claims what the rate limit leaves, and looks again when it leaves something. */
  async #claimSlowly(batchSize: number, rateLimit: RateLimit): Promise<ClaimedRow[]> {
    const { granted, waitMs } = await rateLimit.take(batchSize);
    if (granted === 0) {
      this.#wanted = true;
      this.#notBefore = Math.max(this.#notBefore, Date.now() + waitMs);
      return [];
    }
    const rows = await this.#claim(granted);
    if (rows.length < granted) {
      await rateLimit.giveBack(granted - rows.length);
    } else {
      this.#wanted = true;
    }
    return rows;
  }
}
