import type { Pool } from "pg";
import type { Db, PoolCounts } from "pg-boss";
import type { Logger } from "../logging/create-logger";
import { createPool } from "../postgres/create-pool";
import { listenToNotifications, type NotificationListener } from "./notification-listener";

/** How the queues' database is reached. */
export interface QueueDatabaseOptions {
  connectionString: string;
  applicationName: string;
  /** Most pooled connections; one more is held for notifications. */
  poolMax: number;
  logger: Logger;
}

/**
 * pg-boss's way to Postgres, in place of its own: a pool that outlives restarts of the server, and notifications that
 * come back even when the server was down at the start, handed on to {@link work} as well as to pg-boss.
 */
export class QueueDatabase implements Db {
  readonly pool: Pool;
  readonly #options: QueueDatabaseOptions;
  readonly #subscribers = new Map<string, Set<() => void>>();
  #closing: Promise<void> | undefined;
  #channel: string | undefined;

  constructor(options: QueueDatabaseOptions) {
    const { connectionString, applicationName, poolMax, logger } = options;
    this.#options = options;
    this.pool = createPool({ connectionString, name: "queues", applicationName, max: poolMax, logger });
  }

  /** Channel on which pg-boss notifies; undefined before it has started. */
  get channel(): string | undefined {
    return this.#channel;
  }

  // biome-ignore lint/suspicious/noExplicitAny: pg-boss's interface; its rows are whatever a statement selects
  executeSql(text: string, values?: unknown[]): Promise<{ rows: any[] }> {
    return this.pool.query(text, values);
  }

  listen(
    channel: string,
    onNotification: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<NotificationListener> {
    const { connectionString, applicationName, logger } = this.#options;
    this.#channel = channel;
    return Promise.resolve(
      listenToNotifications({
        connectionString,
        applicationName,
        channel,
        logger,
        onNotification: (queue) => {
          onNotification(queue);
          this.#wake(this.#subscribers.get(queue));
        },
        onListening: () => {
          onReconnect();
          for (const listeners of this.#subscribers.values()) {
            this.#wake(listeners);
          }
        },
      }),
    );
  }

  poolCounts(): PoolCounts {
    const { totalCount, idleCount, waitingCount } = this.pool;
    return { max: this.#options.poolMax, total: totalCount, idle: idleCount, waiting: waitingCount };
  }

  /**
   * Calls `listener` when a job became ready in `queue`, and after notifications may have been missed.
   *
   * @returns ends the subscription
   */
  subscribe(queue: string, listener: () => void): () => void {
    const listeners = this.#subscribers.get(queue) ?? new Set();
    this.#subscribers.set(queue, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Ends all connections once the statements under way are done. */
  close(): Promise<void> {
    this.#closing ??= this.pool.end();
    return this.#closing;
  }

  #wake(listeners: Iterable<() => void> = []): void {
    for (const listener of listeners) {
      listener();
    }
  }
}
