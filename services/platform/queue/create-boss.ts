import { createNoopMeter, type Meter } from "@opentelemetry/api";
import { PgBoss, type StopOptions } from "pg-boss";
import type { Logger } from "../logging/create-logger";
import { AttemptMetrics } from "./attempt-metrics";
import { QueueDatabase, type QueueDatabaseOptions } from "./queue-database";

/** How queues are reached; see {@link createBoss}. */
export interface BossOptions extends QueueDatabaseOptions {
  /** Whether this process looks after what is due by the clock; see startCron. No unless given. */
  cron?: boolean;
  /** Seconds between two looks at the clock, 1 to 45; 30 unless given. */
  cronIntervalSeconds?: number;
  /** Where the work on jobs is measured; nowhere unless given. */
  meter?: Meter;
}

/** pg-boss on our own connections. */
export class QueueBoss extends PgBoss {
  readonly database: QueueDatabase;
  readonly metrics: AttemptMetrics;

  constructor(database: QueueDatabase, options: BossOptions) {
    const { applicationName, cron = false, cronIntervalSeconds = 30, meter = createNoopMeter() } = options;
    super({
      db: database,
      useListenNotify: true,
      instanceName: applicationName,
      schedule: cron,
      cronMonitorIntervalSeconds: cronIntervalSeconds,
      // What the dashboard shows of the last days beside the present.
      persistQueueStats: true,
      queueStatRetentionDays: RECORD_DAYS,
      persistWarnings: true,
      warningRetentionDays: RECORD_DAYS,
      // Our spans and carriers instead of pg-boss's, which start a new trace for every batch.
      openTelemetry: { enabled: false },
    });
    this.database = database;
    this.metrics = new AttemptMetrics(meter);
  }

  /** Stops pg-boss and closes the connections. Workers are stopped before, each by its own `stop()`. */
  override async stop(options?: StopOptions): Promise<void> {
    await super.stop(options);
    await this.database.close();
  }
}

/** How long pg-boss keeps the lengths of queues and its warnings. */
const RECORD_DAYS = 7;

/** Least time between two log lines of the same error: an outage fails every statement. */
const REPEAT_MS = 10_000;

/**
 * Creates pg-boss with LISTEN/NOTIFY. Errors behind its back are logged and never end the process. Nothing connects
 * until `start()`, which rejects while the database cannot be reached and may then be called again.
 */
export function createBoss(options: BossOptions): QueueBoss {
  const { logger } = options;
  const boss = new QueueBoss(new QueueDatabase(options), options);
  boss.on("error", reportOnce(logger));
  // Their data carries SQL with job payloads: only the message is for the log.
  boss.on("warning", ({ message }) => logger.warn("queue warning", { warning: message }));
  return boss;
}

function reportOnce(logger: Logger): (error: Error) => void {
  const reported = new Map<string, number>();
  return (error) => {
    const now = Date.now();
    if (now - (reported.get(error.message) ?? 0) >= REPEAT_MS) {
      reported.clear();
      reported.set(error.message, now);
      logger.warn("queue error", { error });
    }
  };
}
