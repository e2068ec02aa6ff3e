import type { Meter } from "@opentelemetry/api";
import type { Rpc } from "twirp-ts";
import type { Logger } from "winston";

/** Gives the value of the request header `authorization`. Asked for every attempt: tokens are replaced while a call is repeated. */
export type Authorization = () => Promise<string>;

/** How a transport reaches one service. */
export interface TransportOptions {
  /** Origin, with a path where the service is mounted below one: "http://127.0.0.1:8082". "/twirp" is added. */
  readonly baseUrl: string;
  /** Name of the service behind it, for errors, spans and logs: "job". */
  readonly target: string;
  /** Proves who calls. Without it, and without one of the call's own, calls prove nothing. */
  readonly authorization?: Authorization;
  /** Told of retries (debug) and of the circuit opening and closing. */
  readonly logger?: Logger;
  /** Time for a call, all its attempts included, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Most bytes that a response may have. Default 16 MiB. */
  readonly maxResponseBytes?: number;
  /** Attempts of an idempotent call, the first included. Default 3. */
  readonly maxAttempts?: number;
  /** Most connections at a time; further calls wait for one. Default 64. */
  readonly maxSockets?: number;
  readonly retryDelay?: RetryDelayOptions;
  readonly circuit?: CircuitOptions;
  /** What calls are measured with. Default: the process's own. */
  readonly meter?: Meter;
}

/** Pause before a further attempt: a random time from 0 to a bound that doubles ("full jitter"). */
export interface RetryDelayOptions {
  /** Bound before the second attempt, in milliseconds. Default 100. */
  readonly initialMs?: number;
  /** Highest bound, in milliseconds. Default 2,000. */
  readonly maxMs?: number;
}

/** When a transport stops trying, and for how long. */
export interface CircuitOptions {
  /** Attempts that fail in a row (`unavailable`, `deadline_exceeded`) until the circuit opens. Default 10. */
  readonly failures?: number;
  /** Pause before an open circuit lets one call through, in milliseconds; doubles while that one fails too. Default 500. */
  readonly probeAfterMs?: number;
  /** Longest such pause, in milliseconds. Default 5,000. */
  readonly maxProbeAfterMs?: number;
}

/** What one call, or the calls of one client, may have of their own. */
export interface CallOptions {
  /** Time for the call, all its attempts included, in milliseconds. */
  readonly timeoutMs?: number;
  /** Time for one attempt, in milliseconds. Default: what is left of the call's time. */
  readonly attemptTimeoutMs?: number;
  /** Ends the call: with its reason where that is a TwirpError, else with `canceled`. */
  readonly signal?: AbortSignal;
  /** The call may run twice: it is repeated when an attempt ends with `unavailable` or `deadline_exceeded`. */
  readonly idempotent?: boolean;
  /** Proves who makes the call, in place of the transport's. */
  readonly authorization?: Authorization;
  /** Further request headers. Those that the protocol needs cannot be replaced. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A pooled connection to one service, for any number of generated clients. */
export interface TwirpTransport extends Rpc {
  /** The same connections for calls with options of their own: `new UserServiceClientProtobuf(transport.with({ signal }))`. */
  with(options: CallOptions): Rpc;
  /** Closes all connections. Calls under way and later ones fail with `unavailable`. */
  close(): void;
}
