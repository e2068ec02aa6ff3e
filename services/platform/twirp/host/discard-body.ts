import type { IncomingMessage } from "node:http";

/** How long a refused body is read on, in milliseconds. */
const MAX_DISCARD_MS = 10_000;

/**
 * Reads what is left of a request body and throws it away, so that a caller that reads the answer only after it has sent
 * everything gets the answer and not a reset connection. Costs no memory. A caller that is still sending after ten seconds is
 * cut off.
 */
export function discardBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) {
    return;
  }
  const timer = setTimeout(() => request.socket.destroy(), MAX_DISCARD_MS);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
  request.once("end", () => clearTimeout(timer));
  request.resume();
}
