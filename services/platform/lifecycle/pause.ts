import { setTimeout as delay } from "node:timers/promises";

/** Waits, no longer than until the signal fires; whoever waited asks the signal which it was. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // The one reason for which it rejects is the signal.
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
