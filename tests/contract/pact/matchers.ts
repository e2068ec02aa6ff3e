import { MatchersV3 } from "@pact-foundation/pact";

const { regex, like, string } = MatchersV3;

// What values must look like. Each takes the example that the pact shows, and that the other side is played with.

/** A UUID in lower case. */
export function uuid(example: string) {
  return regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, example);
}

/** A google.protobuf.Timestamp in protobuf's JSON. */
export function timestamp(example = "2026-01-02T03:04:05Z") {
  return regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, example);
}

/** An int64 in protobuf's JSON. */
export function int64(example: string) {
  return regex(/^-?\d+$/, example);
}

/** An absolute URL. */
export function httpUrl(example: string) {
  return regex(/^https?:\/\/\S+$/, example);
}

/** An idempotency key: any, the consumer makes it. */
export function idempotencyKey(example: string) {
  return regex(/^.{1,200}$/, example);
}

/** A Twirp error: its code and meta as they are, any message for a person. */
export function twirpError(code: string, message: string, meta?: Record<string, string>) {
  return { code, msg: string(message), ...(meta === undefined ? {} : { meta }) };
}

/** A PDF that was made. */
export function convertedPdf(jobId: string) {
  return {
    object_key: `pdf/${jobId}.pdf`,
    source_format: "IMAGE_FORMAT_PNG",
    width_px: like(64),
    height_px: like(48),
    input_bytes: int64("5120"),
    output_bytes: int64("4096"),
    duration_ms: like(40),
  };
}
