import { S3Error } from "./s3-error";

/** Bytes start to end of an object, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a Range header (RFC 9110 section 14). What is malformed, or asks for several ranges, counts as no range.
 *
 * @throws S3Error InvalidRange (416) when no byte of the object is in the range
 */
export function parseRange(header: string | undefined, bytes: number): ByteRange | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (match === null || (first === "" && last === "")) {
    return undefined;
  }
  const start = first === "" ? Math.max(bytes - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (first !== "" && last !== "" && Number(last) < Number(first)) {
    return undefined;
  }
  if (start >= bytes || (first === "" && Number(last) === 0)) {
    throw new S3Error("InvalidRange", undefined, { "content-range": `bytes */${bytes}` });
  }
  return { start, end };
}
