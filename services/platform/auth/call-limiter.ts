import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { resourceExhausted } from "../twirp/errors";
import type { Caller } from "./caller";

/** How fast one caller may call. */
export interface RateLimit {
  /** Calls a second. */
  readonly perSecond: number;
  /** Calls beyond that, in ten seconds. */
  readonly burst: number;
}

/** Limits of callers from outside. Services of ours have none. */
export interface CallLimits {
  /** Of each application. */
  readonly application: RateLimit;
  /** Of each user. */
  readonly user: RateLimit;
}

/** Counts the calls of each caller. */
export interface CallLimiter {
  /** @throws TwirpError resource_exhausted with `meta.retry_after_ms` when the caller calls too fast */
  take(caller: Caller): Promise<void>;
}

const BURST_SECONDS = 10;

/** Makes a limiter. It counts in memory: with several processes of a service each admits as much. */
export function createCallLimiter(limits: CallLimits): CallLimiter {
  const applications = limiterOf(limits.application);
  const users = limiterOf(limits.user);
  return {
    take: (caller) => {
      switch (caller.role) {
        case "application":
          return take(applications, caller.name);
        case "user":
          return take(users, caller.userId);
        case "service":
          return Promise.resolve();
        default:
          return caller satisfies never;
      }
    },
  };
}

function limiterOf({ perSecond, burst }: RateLimit): BurstyRateLimiter {
  return new BurstyRateLimiter(
    new RateLimiterMemory({ points: perSecond, duration: 1 }),
    new RateLimiterMemory({ points: burst, duration: BURST_SECONDS }),
  );
}

async function take(limiter: BurstyRateLimiter, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) {
      throw refusal;
    }
    const retryAfterMs = Math.max(1, Math.ceil(refusal.msBeforeNext));
    throw resourceExhausted("too many calls; try again later", { retry_after_ms: String(retryAfterMs) });
  }
}
