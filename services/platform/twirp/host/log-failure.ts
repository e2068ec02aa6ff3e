import type { Logger } from "winston";
import { causeOf, isServerFault, isTwirpError, loggable } from "../errors";
import type { WireError } from "./wire-error";

/**
 * Logs a call that failed: as an error, with the id that the caller was given, what nobody foresaw; as a warning what is the
 * server's fault and foreseen; for debugging the cause of anything else, if it has one.
 */
export function logFailure(logger: Logger, wire: WireError, unexpected: boolean, thrown: unknown): void {
  if (unexpected) {
    logger.error("call failed unexpectedly", { error_id: wire.meta["error_id"], error: loggable(thrown) });
    return;
  }
  const cause = isTwirpError(thrown) ? causeOf(thrown) : undefined;
  const fields = { error_code: wire.code, error_message: wire.msg, ...(cause === undefined ? {} : { error: cause }) };
  if (isServerFault(wire.code)) {
    logger.warn("call failed", fields);
  } else if (cause !== undefined) {
    logger.debug("call failed", fields);
  }
}
