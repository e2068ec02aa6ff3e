import type { Fault } from "../fault-log";
import type { ConversionOrder, UserOrder } from "../load/steady-load";
import type { SeenCallback } from "../witness/callback-witness";

/**
 * The longest time from the end of a fault until the last order that was asked for before that end had come through to its
 * callback, in milliseconds; 0 when no order was under way when a fault ended. Of a fault that was repeated meanwhile, the
 * last time counts.
 */
export function longestRecoveryMs(
  faults: readonly Fault[],
  orders: readonly (UserOrder | ConversionOrder)[],
  callbacks: readonly SeenCallback[],
): number {
  const doneAt = new Map<string, number>();
  for (const { jobId, at } of callbacks) {
    if (at !== undefined) doneAt.set(jobId, Math.min(at, doneAt.get(jobId) ?? Number.POSITIVE_INFINITY));
  }
  let longest = 0;
  for (const repeated of Map.groupBy(faults, ({ what }) => what).values()) {
    for (const { begunAt, jobId } of orders) {
      const done = doneAt.get(jobId) ?? Number.NEGATIVE_INFINITY;
      const last = Math.max(...repeated.map(({ endedAt }) => endedAt).filter((endedAt) => endedAt <= done));
      if (begunAt <= last) longest = Math.max(longest, done - last);
    }
  }
  return longest;
}
