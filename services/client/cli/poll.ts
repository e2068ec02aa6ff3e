import { setTimeout as delay } from "node:timers/promises";

/** First and longest pause between two polls, in milliseconds. */
const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 1000;

/** What to poll, and until when. */
export interface PollOptions<T> {
  readonly timeoutMs: number;
  readonly poll: () => Promise<T>;
  readonly done: (value: T) => boolean;
}

/** Polls with growing pauses until `done`, or until the time is up; returns the latest value either way. */
export async function pollUntil<T>({ timeoutMs, poll, done }: PollOptions<T>): Promise<T> {
  const giveUpAt = Date.now() + timeoutMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const value = await poll();
    if (done(value) || Date.now() >= giveUpAt) return value;
    await delay(Math.min(pauseMs, Math.max(0, giveUpAt - Date.now())));
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
  }
}
