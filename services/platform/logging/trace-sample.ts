/** A trace id's last 32 bits, of 2^32: what is random in it (W3C Trace Context Level 2). */
const RANDOM_DIGITS = 8;
const RANDOM_VALUES = 2 ** 32;

/**
 * Whether the log keeps what happens in a trace when all goes well. The trace id decides, so that all services come to the same
 * answer, and a trace's lines are there together or not at all.
 *
 * @param traceId 32 hexadecimal digits
 * @param ratio part of the traces that are kept, 0 to 1
 */
export function isTraceKept(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) < ratio * RANDOM_VALUES;
}
