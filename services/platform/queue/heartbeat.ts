import type { Logger } from "../logging/create-logger";
import type { Claim, ClaimedRow } from "./claim";
import type { QueueBoss } from "./create-boss";
import { settledIds } from "./settle";

/** What the heartbeat needs of the worker. */
export interface HeartbeatOptions {
  queue: string;
  /** Time between two beats. */
  intervalMs: number;
  /** A job without a beat for this long has lost its worker. */
  timeoutMs: number;
  /** Claims whose jobs run now. */
  running: () => Iterable<Claim>;
  /** These, and those whose end is being recorded: beats for them would only stand in the way of that. */
  held: () => Iterable<Claim>;
  /** Takes jobs whose workers are gone, of this process or of another. */
  takeLost: (rows: readonly ClaimedRow[]) => void;
  logger: Logger;
}

const MAX_LOST = 100;

/** What is notified, on pg-boss's channel, when jobs of a queue that run may have been taken from their workers. */
export function claimsOf(queue: string): string {
  return `claims:${queue}`;
}

/**
 * Shows that the jobs of this worker are being worked on, and finds those of workers that are gone.
 *
 * pg-boss has heartbeats too, of at least 10 s and looked at every minute; these are faster by an order of magnitude,
 * and cost one statement a beat for all jobs that run longer than a beat.
 */
export class Heartbeat {
  readonly #boss: QueueBoss;
  readonly #options: HeartbeatOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  #beating: Promise<void> | undefined;
  /** Claims may have changed: the next beat is for all jobs, however short they run. */
  #touchAll = false;
  #failing = false;
  /** After an outage everybody's beats are old: others get the time to show that they are alive. */
  #lookNotBefore = 0;

  constructor(boss: QueueBoss, options: HeartbeatOptions) {
    this.#boss = boss;
    this.#options = options;
    this.#timer = setInterval(() => this.#beatUnlessBeating(), options.intervalMs);
    this.#unsubscribe = boss.database.subscribe(claimsOf(options.queue), () => {
      this.#touchAll = true;
      this.#beatUnlessBeating();
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe();
    await this.#beating;
  }

  #beatUnlessBeating(): void {
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined;
      if (this.#touchAll) {
        this.#beatUnlessBeating();
      }
    });
  }

  async #beat(): Promise<void> {
    const { queue, logger, timeoutMs } = this.#options;
    try {
      await this.#touch();
      if (Date.now() >= this.#lookNotBefore) {
        await this.#look();
      }
      this.#failing = false;
    } catch (error) {
      logger.log(this.#failing ? "debug" : "warn", "cannot send heartbeats of jobs", { queue, error });
      this.#failing = true;
      this.#lookNotBefore = Date.now() + timeoutMs;
    }
  }

  async #touch(): Promise<void> {
    const { queue, intervalMs, running } = this.#options;
    const latest = this.#touchAll ? Number.POSITIVE_INFINITY : Date.now() - intervalMs / 2;
    this.#touchAll = false;
    const due = [...running()].filter((claim) => claim.claimedAt < latest);
    if (due.length === 0) {
      return;
    }
    const touched = settledIds(
      await this.#boss.touch(
        queue,
        due.map(({ row: { id, retryCount } }) => ({ id, retryCount })),
      ),
    );
    for (const claim of due) {
      if (!touched.has(claim.id)) {
        claim.end("lost", "the job was cancelled, or taken over by another worker");
      }
    }
  }

  async #look(): Promise<void> {
    const { queue, timeoutMs, held, takeLost } = this.#options;
    const { rows } = await this.#boss.database.pool.query<ClaimedRow>(
      `SELECT id, data, output, retry_count AS "retryCount", retry_limit AS "retryLimit",
              created_on AS "createdOn", start_after AS "startAfter", started_on AS "startedOn"
         FROM pgboss.job
        WHERE name = $1 AND state = 'active' AND heartbeat_on < now() - $2 * interval '1 millisecond'
        LIMIT ${MAX_LOST}`,
      [queue, timeoutMs],
    );
    const own = new Set([...held()].map((claim) => claim.id));
    const lost = rows.filter((row) => !own.has(row.id));
    if (lost.length > 0) {
      takeLost(lost);
    }
  }
}
