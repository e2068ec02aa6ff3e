import { createHash } from "node:crypto";
import { alreadyExists } from "../platform/twirp/errors";

/**
 * Hashes what a request asks for, its idempotency key left out: two requests with the same hash ask for the same.
 *
 * @param content values in a fixed order; text, numbers, or null
 */
export function contentHash(content: readonly (string | number | null)[]): Buffer {
  return createHash("sha256").update(JSON.stringify(content)).digest();
}

/**
 * Makes sure that a request which found its idempotency key in use asks for the same as the one that used it.
 *
 * @throws TwirpError already_exists with meta.argument = "idempotency_key" when it asks for something else
 */
export function assertSameContent(stored: Buffer, asked: Buffer): void {
  if (!stored.equals(asked)) {
    throw alreadyExists("idempotency_key", "stands for a request with other content");
  }
}
