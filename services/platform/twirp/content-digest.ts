import { hash } from "node:crypto";

/** Header with a hash of the body (RFC 9530, section 2). TCP's own checksum lets one in some ten thousand broken packets through. */
export const DIGEST_HEADER = "content-digest";

/** Value of the header for a body. */
export function contentDigest(body: string | Uint8Array): string {
  return `sha-256=:${hash("sha256", body, "base64")}:`;
}

/**
 * Whether a body is what its sender sent: a bit that turned over on the way may have left a message that is valid, and another.
 *
 * @param header Value of `content-digest`; without one, or with hashes of other kinds only, there is nothing to compare.
 */
export function isIntact(header: string | string[] | undefined, body: Uint8Array): boolean {
  const digest = /(?:^|,)\s*sha-256=:([^:]*):/.exec(String(header ?? ""))?.[1];
  return digest === undefined || digest === hash("sha256", body, "base64");
}
