import type { ServerHooks, TwirpError } from "twirp-ts";
import type { CallContext } from "../call-context";

/** Hooks that go by the current names; the deprecated ones are the same moments again. */
export type HookName = "requestReceived" | "requestRouted" | "responsePrepared" | "responseSent" | "error";

/**
 * Runs one hook of each set, in the order in which they were added.
 *
 * @param error For the hook `error` only.
 * @throws What a hook throws; those after it do not run.
 */
export async function runHooks(
  hooks: readonly ServerHooks<CallContext>[],
  name: HookName,
  context: CallContext,
  error?: TwirpError,
): Promise<void> {
  for (const set of hooks) {
    if (name === "error") {
      if (error !== undefined) {
        await set.error?.(context, error);
      }
    } else {
      await set[name]?.(context);
    }
  }
}
