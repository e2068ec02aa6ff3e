import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  noJitterGenerator,
} from "cockatiel";
import { type TwirpError, TwirpErrorCode } from "twirp-ts";
import type { Logger } from "winston";
import { codeOf, isTwirpError, twirpError } from "../errors";
import type { CallScope } from "./call-scope";
import type { CircuitOptions } from "./transport-options";

/**
 * Stops calls to a service that fails call after call, and lets one through from time to time to see whether it is back.
 *
 * Only attempts that end with `unavailable` or `deadline_exceeded` count: any other answer shows that the service is there.
 */
export class Circuit {
  readonly #policy: CircuitBreakerPolicy;
  readonly #target: string;

  constructor(target: string, options: CircuitOptions, logger: Logger | undefined) {
    this.#target = target;
    const { failures = 10, probeAfterMs = 500, maxProbeAfterMs = 5_000 } = options;
    const policy: CircuitBreakerPolicy = circuitBreaker(
      handleWhen((error) => isTransient(error) || (policy.state === CircuitState.HalfOpen && isCanceled(error))),
      {
        breaker: new ConsecutiveBreaker(failures),
        halfOpenAfter: new ExponentialBackoff({
          generator: noJitterGenerator,
          initialDelay: probeAfterMs,
          maxDelay: maxProbeAfterMs,
        }),
      },
    );
    policy.onBreak(() => logger?.warn("circuit opened", { target }));
    policy.onReset(() => logger?.info("circuit closed", { target }));
    this.#policy = policy;
  }

  /**
   * Runs one attempt, unless the circuit is open. While a call is let through to see whether the service is back, others wait;
   * one whose scope has ended meanwhile is not run, and does not count as a failure of the service.
   *
   * @throws TwirpError `unavailable` with `meta.circuit` = "open" in that case, else what the attempt throws.
   */
  async run<T extends object>(attempt: () => Promise<T>, scope: CallScope): Promise<T> {
    try {
      const answer = await this.#policy.execute(() => (scope.error === undefined ? attempt() : undefined));
      if (answer === undefined) {
        throw scope.error ?? new Error("an attempt without an answer");
      }
      return answer;
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        throw twirpError(TwirpErrorCode.Unavailable, `${this.#target} did not answer lately: not called`, {
          target: this.#target,
          circuit: "open",
        });
      }
      throw error;
    }
  }
}

/** Whether a further attempt may have another outcome. */
export function isTransient(error: unknown): error is TwirpError {
  return (
    isTwirpError(error) &&
    (error.code === TwirpErrorCode.Unavailable || error.code === TwirpErrorCode.DeadlineExceeded) &&
    error.meta?.["circuit"] !== "open"
  );
}

/** A probe that was given up shows nothing, and must not count as a success. */
function isCanceled(error: unknown): boolean {
  return codeOf(error) === TwirpErrorCode.Canceled;
}
