/** What google.protobuf.Timestamp can carry: the years 1 to 9999. */
const EARLIEST_SECONDS = -62_135_596_800n;
const LATEST_SECONDS = 253_402_300_799n;
const NANOS_PER_SECOND = 1_000_000_000;

/**
 * A google.protobuf.Timestamp as RFC 3339 has it, in UTC with nine digits of a second; for one that is out of range a text that is
 * none.
 */
export function timestampText({ seconds, nanos }: { seconds: bigint; nanos: number }): string {
  const isInRange = seconds >= EARLIEST_SECONDS && seconds <= LATEST_SECONDS && nanos >= 0 && nanos < NANOS_PER_SECOND;
  if (!isInRange) {
    return `${seconds} s and ${nanos} ns`;
  }
  const wholeSeconds = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${wholeSeconds}.${String(nanos).padStart(9, "0")}Z`;
}
