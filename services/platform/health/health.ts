import type { Context, Middleware } from "koa";
import type { Lifecycle, LifecycleState } from "../lifecycle/lifecycle";
import { errorMessage } from "../logging/describe-error";
import { redactText } from "../logging/redact";

/** Resolves when a dependency answers; its signal aborts when the check has taken too long. */
type HealthCheck = (signal: AbortSignal) => Promise<void>;

/** Whether a dependency answers, and if not why. */
interface DependencyHealth {
  readonly ready: boolean;
  readonly reason?: string;
}

/** The body of `/readyz`. */
interface Readiness {
  readonly status: "ready" | "not ready";
  readonly service: string;
  readonly state: LifecycleState;
  readonly dependencies: Readonly<Record<string, DependencyHealth>>;
}

/** What a service depends on, and whether it answers. */
export interface Health {
  /** Adds a dependency under a name for people, such as "postgres". */
  register(name: string, check: HealthCheck): void;
  /** Checks all dependencies at the same time. Answers from memory for a moment after a check, and shares a running one. */
  readiness(): Promise<Readiness>;
  /** Answers `GET /healthz` and `GET /readyz`; everything else goes on. */
  middleware(): Middleware;
}

/** Limits of the checks. */
export interface HealthOptions {
  /** Time that a check may take. Default 2000. */
  readonly checkTimeoutMs?: number;
  /** How long an answer holds when everything was fine. Default 1000. */
  readonly readyForMs?: number;
  /** How long an answer holds when something was not. Default 250. */
  readonly notReadyForMs?: number;
}

const MAX_REASON = 500;

/** Makes the health of a process; a process that starts or stops is not ready, whatever its dependencies say. */
export function createHealth(lifecycle: Lifecycle, options: HealthOptions = {}): Health {
  const { checkTimeoutMs = 2_000, readyForMs = 1_000, notReadyForMs = 250 } = options;
  const checks = new Map<string, HealthCheck>();
  let shared: Promise<Record<string, DependencyHealth>> | undefined;

  const checkAll = async (): Promise<Record<string, DependencyHealth>> => {
    const results = await Promise.all(
      [...checks].map(async ([name, check]) => [name, await runCheck(check, checkTimeoutMs)] as const),
    );
    const isReady = results.every(([, { ready }]) => ready);
    setTimeout(
      () => {
        shared = undefined;
      },
      isReady ? readyForMs : notReadyForMs,
    ).unref();
    return Object.fromEntries(results);
  };

  const readiness = async (): Promise<Readiness> => {
    const { service, state } = lifecycle;
    if (state === "stopping") {
      // Dependencies are being let go: asking them would only fail.
      return { status: "not ready", service, state, dependencies: {} };
    }
    shared ??= checkAll();
    const dependencies = await shared;
    const isReady = state === "ready" && Object.values(dependencies).every(({ ready }) => ready);
    return { status: isReady ? "ready" : "not ready", service, state: lifecycle.state, dependencies };
  };

  return {
    register: (name, check) => {
      checks.set(name, check);
      shared = undefined;
    },
    readiness,
    middleware: () => (ctx, next) => {
      const isRead = ctx.method === "GET" || ctx.method === "HEAD";
      if (isRead && ctx.path === "/healthz") {
        ctx.set("cache-control", "no-store");
        ctx.body = { status: "alive", service: lifecycle.service, state: lifecycle.state };
        return Promise.resolve();
      }
      return isRead && ctx.path === "/readyz" ? answerReadiness(ctx, readiness) : next();
    },
  };
}

async function answerReadiness(ctx: Context, readiness: () => Promise<Readiness>): Promise<void> {
  const answer = await readiness();
  ctx.set("cache-control", "no-store");
  ctx.status = answer.status === "ready" ? 200 : 503;
  ctx.body = answer;
}

async function runCheck(check: HealthCheck, timeoutMs: number): Promise<DependencyHealth> {
  const limit = new AbortController();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${timeoutMs} ms`);
    limit.abort(error);
    reject(error);
  }, timeoutMs);
  try {
    await Promise.race([(async () => check(limit.signal))(), over]);
    return { ready: true };
  } catch (error) {
    return { ready: false, reason: redactText(errorMessage(error)).slice(0, MAX_REASON) };
  } finally {
    clearTimeout(timer);
  }
}
