import { invalidArgument } from "../../platform/twirp/errors";
import type { EventPosition } from "./sql-conditions";

const POSITION = /^(-?\d{1,18}) (\d{1,18})$/;

/** Makes the opaque text that a caller gives back to get the next page of events. */
export function encodeEventToken({ at, id }: EventPosition): string {
  return Buffer.from(`${at} ${id}`).toString("base64url");
}

/**
 * Reads a token made by {@link encodeEventToken}.
 *
 * @throws TwirpError invalid_argument with meta argument page_token for any other text
 */
export function decodeEventToken(token: string): EventPosition {
  const [, at, id] = POSITION.exec(Buffer.from(token, "base64url").toString()) ?? [];
  const position = at === undefined || id === undefined ? undefined : { at: BigInt(at), id: BigInt(id) };
  // Encoding again shows what a lenient decoder let pass.
  if (position === undefined || encodeEventToken(position) !== token) {
    throw invalidArgument("page_token", "is not one that this service gave out");
  }
  return position;
}
