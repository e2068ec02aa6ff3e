import type { Timestamp } from "../../../gen/twirp/google/protobuf/timestamp";

const MICROSECONDS = 1_000_000n;

/** Makes a timestamp of microseconds since the epoch, as the database has them. */
export function toTimestamp(microseconds: bigint): Timestamp {
  const fraction = ((microseconds % MICROSECONDS) + MICROSECONDS) % MICROSECONDS;
  return { seconds: (microseconds - fraction) / MICROSECONDS, nanos: Number(fraction) * 1_000 };
}

/** Microseconds since the epoch of a timestamp; what is finer is cut off. */
export function toMicroseconds({ seconds, nanos }: Timestamp): bigint {
  return seconds * MICROSECONDS + BigInt(Math.floor(nanos / 1_000));
}
