import type { IncomingMessage } from "node:http";

/** How reading a body ended. */
export type BodyOutcome =
  | { readonly kind: "complete"; readonly body: Buffer }
  | { readonly kind: "too-large" }
  | { readonly kind: "failed"; readonly error: Error };

/** Whether the announced length alone is more than `maxBytes`. */
export function announcesMoreThan(request: IncomingMessage, maxBytes: number): boolean {
  const length = request.headers["content-length"];
  return length !== undefined && Number(length) > maxBytes;
}

/**
 * Reads a request body of at most `maxBytes`, which is also all that is ever kept of it.
 *
 * Never rejects. Once the body is too large the request is left paused: who answers decides what becomes of the rest.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyOutcome> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
      } else {
        request.off("data", onData);
        request.pause();
        chunks = [];
        resolve({ kind: "too-large" });
      }
    };
    request.on("data", onData);
    request.on("end", () => resolve({ kind: "complete", body: join(chunks, size) }));
    // Listens on after the body was refused: a connection that breaks then must not be an uncaught error.
    request.on("error", (error) => resolve({ kind: "failed", error }));
  });
}

function join(chunks: readonly Buffer[], size: number): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, size);
}
