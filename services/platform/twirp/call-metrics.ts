import type { Histogram, Meter } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  METRIC_RPC_CLIENT_CALL_DURATION,
  METRIC_RPC_SERVER_CALL_DURATION,
} from "@opentelemetry/semantic-conventions";
import { RPC_SYSTEM } from "./rpc-system";

/** Bounds of durations in seconds: those of the semantic conventions, and some for calls that convert images. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** How one call went. */
export interface CallOutcome {
  /** `mcsv.v1.UserService/CreateUser`, or `_OTHER` for what is no method. */
  readonly method: string;
  /** Twirp error code; undefined when the call succeeded. */
  readonly errorCode: string | undefined;
  readonly seconds: number;
}

/** Durations of the calls that a process serves, by method and code: rate, errors and duration in one. */
export class ServerCallMetrics {
  readonly #duration: Histogram;

  constructor(meter: Meter) {
    this.#duration = histogram(meter, METRIC_RPC_SERVER_CALL_DURATION, "Time of a call that was served.");
  }

  record(call: CallOutcome): void {
    this.#duration.record(call.seconds, labels(call));
  }
}

/** Durations of the calls that a process makes, retries included, by server, method and code. */
export class ClientCallMetrics {
  readonly #duration: Histogram;
  readonly #server: Readonly<Record<string, string | number>>;

  constructor(meter: Meter, address: string, port: number) {
    this.#duration = histogram(
      meter,
      METRIC_RPC_CLIENT_CALL_DURATION,
      "Time of a call that was made, with its retries.",
    );
    this.#server = { [ATTR_SERVER_ADDRESS]: address, [ATTR_SERVER_PORT]: port };
  }

  record(call: CallOutcome): void {
    this.#duration.record(call.seconds, { ...labels(call), ...this.#server });
  }
}

function histogram(meter: Meter, name: string, description: string): Histogram {
  return meter.createHistogram(name, { unit: "s", description, advice: { explicitBucketBoundaries: SECONDS } });
}

function labels({ method, errorCode }: CallOutcome): Record<string, string> {
  return {
    [ATTR_RPC_SYSTEM_NAME]: RPC_SYSTEM,
    [ATTR_RPC_METHOD]: method,
    [ATTR_RPC_STATUS_CODE]: errorCode ?? "ok",
    ...(errorCode === undefined ? {} : { [ATTR_ERROR_TYPE]: errorCode }),
  };
}
