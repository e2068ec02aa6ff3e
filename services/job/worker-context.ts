import type { Logger } from "../platform/logging/create-logger";
import type { QueueBoss } from "../platform/queue/create-boss";
import type { WorkOptions } from "../platform/queue/work";
import type { TwirpTransport } from "../platform/twirp/client/create-transport";

/** What a worker is made with. */
export interface WorkerContext {
  /** Started, with all queues in place. */
  boss: QueueBoss;
  /** The service that does the work. */
  transport: TwirpTransport;
  logger: Logger;
  /** Concurrency and limits. */
  settings: WorkerSettings;
}

/** How a worker works. */
export type WorkerSettings = Required<Pick<WorkOptions<unknown, unknown>, "concurrency" | "attemptTimeoutMs">> &
  Pick<
    WorkOptions<unknown, unknown>,
    "heartbeatIntervalMs" | "heartbeatTimeoutMs" | "drainTimeoutMs" | "pollIntervalMs" | "ratePerMinute"
  >;
