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
    const finish = (outcome: BodyOutcome): void => {
      request.off("data", onData);
      request.off("end", onEnd);
      chunks = [];
      resolve(outcome);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) {
        finish({ kind: "too-large" });
        request.pause();
      } else {
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => {
      finish({ kind: "complete", body: join(chunks, size) });
    };
    request.on("data", onData);
    request.on("end", onEnd);
    // Stays: a connection that breaks after the body was refused must find a listener too.
    request.on("error", (error) => finish({ kind: "failed", error }));
  });
}

function join(chunks: readonly Buffer[], size: number): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, size);
}
