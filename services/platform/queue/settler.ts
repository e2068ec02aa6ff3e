import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "../logging/create-logger";
import { isTransientDatabaseError } from "../postgres/is-transient";
import type { QueueBoss } from "./create-boss";
import { type Settlement, settle } from "./settle";
import { inSettleSpan } from "./settle-span";

/** Least time between two transactions, so that jobs that end close together share one. Under light load it is no wait. */
const MIN_GAP_MS = 40;
const MAX_BATCH = 200;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

/** What the settler needs of the worker. */
export interface SettlerOptions {
  queue: string;
  /** Jobs that may run at once; a quarter of them is worth a transaction of their own. */
  concurrency: number;
  /** Called once a settlement is recorded, or is beyond recording. Must not throw. */
  onSettled: (settlement: Settlement) => void;
  logger: Logger;
}

/** Records how attempts ended: soon, in few transactions, and for as long as it takes when the database is away. */
export class Settler {
  readonly #boss: QueueBoss;
  readonly #queue: string;
  readonly #worthwhile: number;
  readonly #logger: Logger;
  readonly #onSettled: (settlement: Settlement) => void;
  readonly #waiting: Settlement[] = [];
  #running = false;
  #enough: (() => void) | undefined;

  constructor(boss: QueueBoss, { queue, concurrency, logger, onSettled }: SettlerOptions) {
    this.#boss = boss;
    this.#queue = queue;
    this.#worthwhile = concurrency / 4;
    this.#logger = logger;
    this.#onSettled = onSettled;
  }

  add(settlement: Settlement): void {
    this.#waiting.push(settlement);
    if (this.#waiting.length >= this.#worthwhile) {
      this.#enough?.();
    }
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    }
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // What ends in the same turn of the event loop goes along.
      await nextTurn();
      const notBefore = performance.now() + MIN_GAP_MS;
      const batch = this.#waiting.splice(0, MAX_BATCH);
      await this.#settle(batch);
      for (const settlement of batch) {
        this.#onSettled(settlement);
      }
      await this.#pauseUntil(notBefore);
    }
    // Before anything else can be added.
    this.#running = false;
  }

  /** Waits, no longer than until enough has come together. */
  async #pauseUntil(time: number): Promise<void> {
    const waitMs = time - performance.now();
    if (waitMs <= 0 || this.#waiting.length >= this.#worthwhile) {
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#enough = resolve;
    const timer = setTimeout(resolve, waitMs);
    await promise;
    clearTimeout(timer);
    this.#enough = undefined;
  }

  async #settle(batch: readonly Settlement[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const settled = await inSettleSpan(this.#queue, batch, () => settle(this.#boss, this.#queue, batch));
        this.#count(batch, settled);
        return;
      } catch (error) {
        if (!isTransientDatabaseError(error)) {
          await this.#settleEach(batch, error);
          return;
        }
        this.#logger.log(attempt === 0 ? "warn" : "debug", "cannot record the end of jobs yet", {
          queue: this.#queue,
          jobs: batch.length,
          error,
        });
        await delay(Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** attempt) * (0.5 + Math.random() / 2));
      }
    }
  }

  /** An attempt that was not the job's current one any more has changed nothing. */
  #count(batch: readonly Settlement[], settled: ReadonlySet<string>): void {
    for (const { kind, row } of batch) {
      if (kind === "failed" && settled.has(row.id)) {
        this.#boss.metrics.failedForGood(this.#queue);
      }
    }
  }

  /** One that cannot be recorded (an output that Postgres refuses, say) must not hold up the others. */
  async #settleEach(batch: readonly Settlement[], cause: unknown): Promise<void> {
    if (batch.length > 1) {
      for (const settlement of batch) {
        await this.#settle([settlement]);
      }
      return;
    }
    const [settlement] = batch;
    if (settlement === undefined) {
      return;
    }
    // Without heartbeats the job is found and tried again, until its attempts are used up.
    this.#logger.error("cannot record the end of a job", {
      queue: this.#queue,
      job_id: settlement.row.id,
      error: cause,
    });
  }
}
