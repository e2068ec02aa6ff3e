import type { TwirpContext } from "twirp-ts";
import type { Logger } from "winston";

/** What an implementation, and every interceptor, is given beside the request. */
export interface CallContext extends TwirpContext {
  /** Aborted when the deadline passes or the caller goes away; its reason is the TwirpError of what happened. */
  readonly signal: AbortSignal;
  /** When the call must be answered, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Id of the HTTP request, as in the log and in the answer's header `x-request-id`. */
  readonly requestId: string;
  /** Logger whose lines name the method. */
  readonly logger: Logger;
}
