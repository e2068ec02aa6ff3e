import type { Kill } from "./evidence";

/** A time that something was handed over. */
export interface Delivery {
  /** Epoch milliseconds at which its sender lived. */
  readonly begunAt: number;
  /** Whether the yes of the other side was on its way to the sender. */
  readonly isAnswered: boolean;
}

/** Who delivers, and what is known of it. */
export interface Sender {
  readonly component: string;
  readonly kills: readonly Kill[];
  /** When the first yes that was written down was; undefined when none was. */
  readonly recordedAt: number | undefined;
}

/**
 * Whether the sender of a delivery, when the next one of the same thing began, could not know that it had been taken: because
 * the yes was kept back, or because it was killed between the two; and nobody had written the yes down meanwhile, which the
 * last delivery shows, whose yes was the first to be written down.
 *
 * No length of time matters: a yes is late on a busy machine, may not be written down while the database is away, and may
 * even be said to the dead.
 */
export function couldNotKnow(
  delivery: Delivery,
  next: Delivery,
  last: Delivery,
  { component, kills, recordedAt }: Sender,
): boolean {
  if (recordedAt === undefined || recordedAt < last.begunAt) return false;
  return (
    !delivery.isAnswered ||
    kills.some((kill) => kill.component === component && kill.at >= delivery.begunAt && kill.at < next.begunAt)
  );
}
