/** Limits of one method. */
export interface MethodLimits {
  /** Most bytes that a request body may have. Default: that of the service, then of the host, then 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Most time that a call may take, in milliseconds. Default: that of the service, then of the host, then 30 s. */
  readonly maxDeadlineMs?: number;
}

/** Limits with every default filled in. */
export type ResolvedLimits = Required<MethodLimits>;

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
const DEFAULT_MAX_DEADLINE_MS = 30_000;
/** What setTimeout can count to. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The limits of a method: the most specific value of each wins.
 *
 * @param levels From the most to the least specific.
 * @throws RangeError for a limit that is not a positive integer, or a deadline above 24 days.
 */
export function resolveLimits(...levels: readonly (MethodLimits | undefined)[]): ResolvedLimits {
  const maxBodyBytes =
    levels.find((level) => level?.maxBodyBytes !== undefined)?.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const maxDeadlineMs =
    levels.find((level) => level?.maxDeadlineMs !== undefined)?.maxDeadlineMs ?? DEFAULT_MAX_DEADLINE_MS;
  assertPositive("maxBodyBytes", maxBodyBytes, Number.MAX_SAFE_INTEGER);
  assertPositive("maxDeadlineMs", maxDeadlineMs, MAX_TIMER_MS);
  return { maxBodyBytes, maxDeadlineMs };
}

function assertPositive(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${name} is ${value}: must be an integer from 1 to ${max}`);
  }
}
