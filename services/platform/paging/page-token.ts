import { isUuid } from "../ids/deterministic-id";
import { invalidArgument } from "../twirp/errors";

/** The last row of a page, which the next one begins after. */
export interface PagePosition {
  /** Milliseconds count; a column with microseconds must be compared rounded, or rows are skipped. */
  readonly createdAt: Date;
  /** Decides between rows of the same time. */
  readonly id: string;
}

/** Makes the opaque text that a caller gives back to get the next page. */
export function encodePageToken({ createdAt, id }: PagePosition): string {
  return Buffer.from(`${createdAt.getTime().toString(36)} ${id}`).toString("base64url");
}

/**
 * Reads a token made by {@link encodePageToken}.
 *
 * @throws TwirpError `invalid_argument` with meta argument `page_token` for any other text
 */
export function decodePageToken(token: string): PagePosition {
  const text = Buffer.from(token, "base64url").toString();
  const [time = "", id = ""] = text.split(" ");
  const createdAt = new Date(Number.parseInt(time, 36));
  // Encoding again shows what a lenient decoder let pass.
  if (!isUuid(id) || Number.isNaN(createdAt.getTime()) || encodePageToken({ createdAt, id }) !== token) {
    throw invalidArgument("page_token", "is not one that this service gave out");
  }
  return { createdAt, id };
}
