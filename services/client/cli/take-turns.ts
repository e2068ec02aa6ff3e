import { setTimeout as delay } from "node:timers/promises";
import { type Rpc, TwirpError } from "twirp-ts";
import { DecodingPromise } from "../../platform/twirp/client/decoding-promise";

/** How long a call waits for its turn altogether, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Calls that come too fast for the service are made again when it says that it is time (`meta.retry_after_ms`), so that
 * a command with many calls is slowed down and not stopped.
 *
 * @param target name of the service behind it, for errors
 */
export function takeTurns(rpc: Rpc, target: string): Rpc {
  const answer = async (...call: Parameters<Rpc["request"]>): Promise<object | Uint8Array> => {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await rpc.request(...call);
      } catch (error) {
        const waitMs = retryAfterMs(error);
        if (waitMs === undefined || Date.now() + waitMs > giveUpAt) throw error;
        // Not all at the same moment: they would be too many again.
        await delay(waitMs * (1 + Math.random()));
      }
    }
  };
  return { request: (...call) => DecodingPromise.of(answer(...call), target) };
}

function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof TwirpError)) return undefined;
  const waitMs = Number(error.meta["retry_after_ms"]);
  return Number.isFinite(waitMs) && waitMs >= 0 ? waitMs : undefined;
}
