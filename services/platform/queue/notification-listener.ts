import { setTimeout as delay } from "node:timers/promises";
import { Client, escapeIdentifier } from "pg";
import { pause } from "../lifecycle/pause";
import type { Logger } from "../logging/create-logger";

/** How notifications are listened to. */
export interface NotificationListenerOptions {
  connectionString: string;
  applicationName: string;
  /** Channel of `LISTEN`. */
  channel: string;
  /** A notification arrived. Must not throw. */
  onNotification: (payload: string) => void;
  /** Listening began, for the first time or again: what was notified in between is lost. Must not throw. */
  onListening: () => void;
  logger: Logger;
}

/** A subscription that outlives its connections. */
export interface NotificationListener {
  /** Ends it and its connection. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A connection that died without a word is found out after this and the time a query takes to fail. */
const PROBE_INTERVAL_MS = 10_000;
const PROBE_TIMEOUT_MS = 5_000;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 2_000;
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * Listens to a channel on a connection of its own, and reconnects for as long as it takes, also when the server is
 * down at the start. Returns at once: until {@link NotificationListenerOptions.onListening} is called, callers poll.
 */
export function listenToNotifications(options: NotificationListenerOptions): NotificationListener {
  const closing = new AbortController();
  const running = keepListening(options, closing.signal);
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

async function keepListening(options: NotificationListenerOptions, closing: AbortSignal): Promise<void> {
  const { logger, channel } = options;
  let failures = 0;
  while (!closing.aborted) {
    try {
      await listenOnce(options, closing, () => {
        failures = 0;
      });
    } catch (error) {
      if (closing.aborted) {
        return;
      }
      // One line an outage: the attempts in between say nothing new.
      logger.log(failures === 0 ? "warn" : "debug", "not listening for notifications: polling until reconnected", {
        channel,
        error,
      });
    }
    const backoffMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** failures);
    failures++;
    await pause(backoffMs * (0.5 + Math.random() / 2), closing);
  }
}

/** Listens on one connection until it breaks, which throws, or `closing` fires, which returns. */
async function listenOnce(
  { connectionString, applicationName, channel, onNotification, onListening }: NotificationListenerOptions,
  closing: AbortSignal,
  listening: () => void,
): Promise<void> {
  const client = new Client({
    connectionString,
    application_name: `${applicationName}-listen`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: PROBE_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: PROBE_INTERVAL_MS,
  });
  const broken = new AbortController();
  client.on("error", (error) => broken.abort(error));
  client.on("end", () => broken.abort(new Error("the connection ended")));
  client.on("notification", ({ payload }) => onNotification(payload ?? ""));
  try {
    await client.connect();
    await client.query(`LISTEN ${escapeIdentifier(channel)}`);
    listening();
    onListening();
    const over = AbortSignal.any([broken.signal, closing]);
    while (!closing.aborted) {
      await pause(PROBE_INTERVAL_MS, over);
      broken.signal.throwIfAborted();
      if (!closing.aborted) {
        await client.query("SELECT 1");
      }
    }
  } finally {
    // The far end may be gone without a word: leaving is not worth waiting for.
    await Promise.race([client.end(), delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  }
}
