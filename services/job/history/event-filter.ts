import type { EventType } from "./event-rows";

/** Which events; what is unset or empty selects all. Times are microseconds since the epoch. */
export interface EventFilter {
  types: readonly EventType[];
  queue?: string;
  /** Cause or code of a failure. */
  errorClass?: string;
  /** Part of a failure's message, in either case. */
  errorText?: string;
  attempt?: number;
  actor?: string;
  userId?: string;
  /** At this time or later. */
  since?: bigint;
  /** Before this time. */
  until?: bigint;
  /** Only of the last so many seconds. */
  withinSeconds?: number;
}
