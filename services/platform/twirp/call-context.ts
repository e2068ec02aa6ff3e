import type { TwirpContext } from "twirp-ts";
import type { Logger } from "winston";
import type { Caller } from "../auth/caller";

/** What an implementation, and every interceptor, is given beside the request. */
export interface CallContext extends TwirpContext {
  /** Who makes the call: proven, and admitted to the method. */
  readonly caller: Caller;
  /** Aborted when the deadline passes or the caller goes away; its reason is the TwirpError of what happened. */
  readonly signal: AbortSignal;
  /** When the call must be answered, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Id of the HTTP request, as in the log and in the answer's header `x-request-id`. */
  readonly requestId: string;
  /** Logger whose lines name the method. */
  readonly logger: Logger;
}
