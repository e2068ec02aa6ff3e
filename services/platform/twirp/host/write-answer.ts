import type { ServerResponse } from "node:http";
import { contentDigest } from "../content-digest";

/** Up to this size a copy into a string costs less than a second buffer in the system call. */
const MAX_INLINE_BYTES = 16 * 1024;

/**
 * Writes a whole response.
 *
 * Node sends headers and a text body in one buffer, headers and bytes in two; so small bytes go as Latin-1, which maps each byte
 * to itself.
 */
export function writeAnswer(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  response.writeHead(status, {
    ...headers,
    "Content-Type": contentType,
    "Content-Length": length,
    "Content-Digest": contentDigest(body),
  });
  if (typeof body !== "string" && length <= MAX_INLINE_BYTES) {
    response.end(Buffer.from(body.buffer, body.byteOffset, length).toString("latin1"), "latin1");
  } else {
    response.end(body);
  }
}
