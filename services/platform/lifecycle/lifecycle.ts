import type { Logger } from "../logging/create-logger";
import { errorMessage } from "../logging/describe-error";

/** Where a process is between its start and its end. */
export type LifecycleState = "starting" | "ready" | "stopping";

/**
 * Ends one part of a process.
 *
 * @param deadline aborts when the time for stopping is over; what is still in progress should be cut off then
 */
type StopHandler = (deadline: AbortSignal) => Promise<void> | void;

/** The life of a process as its parts see it. */
export interface Lifecycle {
  /** Name of the service. */
  readonly service: string;
  /** Aborts when the process begins to stop: take no new work, end what would not end by itself. */
  readonly stopping: AbortSignal;
  readonly state: LifecycleState;
  /** Registers what is to be done at the end. Handlers run one after the other, the last registered first. */
  onStop(name: string, stop: StopHandler): void;
  /** Where the process reports its start, its stop and its crash. Until it is called: standard error. */
  useLogger(logger: Logger): void;
  /** Says that the service can take requests. `runProcess` does so itself when `run` has resolved. */
  markReady(): void;
}

/** A lifecycle and the power to end it, for whoever owns the process. */
export interface OwnedLifecycle {
  readonly lifecycle: Lifecycle;
  /** The logger that was given to `useLogger`. */
  readonly logger: () => Logger | undefined;
  /**
   * Stops all parts in order. Parts that fail or take too long are logged and left behind. Stopping twice is stopping once.
   *
   * @param timeoutMs time for all parts together
   */
  stop(reason: string, timeoutMs: number): Promise<void>;
}

/** How long a part may take after the deadline to notice that it is over. */
const CUT_OFF_MS = 500;

/** Makes the lifecycle of a process. */
export function createLifecycle(service: string): OwnedLifecycle {
  const stopping = new AbortController();
  const handlers: { name: string; stop: StopHandler }[] = [];
  let state: LifecycleState = "starting";
  let logger: Logger | undefined;
  let stopped: Promise<void> | undefined;

  const lifecycle: Lifecycle = {
    service,
    stopping: stopping.signal,
    get state() {
      return state;
    },
    onStop: (name, stop) => handlers.push({ name, stop }),
    useLogger: (given) => {
      logger = given;
    },
    markReady: () => {
      if (state === "starting") {
        state = "ready";
        logger?.info(`${service} is ready`);
      }
    },
  };

  const stopAll = async (reason: string, timeoutMs: number): Promise<void> => {
    const startedAt = performance.now();
    state = "stopping";
    logger?.info(`${service} is stopping`, { reason, timeout_ms: timeoutMs });
    stopping.abort(new DOMException(`${service} is stopping: ${reason}`, "AbortError"));
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new DOMException("the time for stopping is over", "TimeoutError")),
      timeoutMs,
    );
    // A handler may register another while it runs; `pop` sees it.
    for (let handler = handlers.pop(); handler !== undefined; handler = handlers.pop()) {
      await stopOne(handler.name, handler.stop, deadline.signal, logger);
    }
    clearTimeout(timer);
    logger?.info(`${service} has stopped`, { duration_ms: Math.round(performance.now() - startedAt) });
  };

  return {
    lifecycle,
    logger: () => logger,
    stop: (reason, timeoutMs) => {
      stopped ??= stopAll(reason, timeoutMs);
      return stopped;
    },
  };
}

async function stopOne(
  name: string,
  stop: StopHandler,
  deadline: AbortSignal,
  logger: Logger | undefined,
): Promise<void> {
  try {
    const finished = (async () => stop(deadline))().then(() => true);
    if (!(await Promise.race([finished, cutOff(deadline)]))) {
      logger?.warn(`${name} did not finish in time and is cut off`);
    }
  } catch (error) {
    logger?.error(`${name} did not stop cleanly: ${errorMessage(error)}`, { error });
  }
}

/** Resolves with false shortly after the deadline. */
function cutOff(deadline: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    const arm = () => setTimeout(() => resolve(false), CUT_OFF_MS);
    if (deadline.aborted) {
      arm();
    } else {
      deadline.addEventListener("abort", arm, { once: true });
    }
  });
}
