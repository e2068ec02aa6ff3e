import { type TwirpError, TwirpErrorCode } from "twirp-ts";
import { canceled, deadlineExceeded, isTwirpError } from "../errors";

/**
 * How long a call lives: until it is answered, its time is over, or its caller gives up. The last two end it, once, with a
 * TwirpError.
 */
export class CallScope {
  readonly #deadlineMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: (() => void) | undefined;
  readonly #listeners = new Set<(error: TwirpError) => void>();
  #error: TwirpError | undefined;

  /**
   * @param timeoutMs Time from now.
   * @param target Whom the error blames.
   */
  constructor(timeoutMs: number, target: string, signal?: AbortSignal) {
    this.#deadlineMs = Date.now() + timeoutMs;
    this.#timer = setTimeout(() => {
      this.#end(deadlineExceeded(`${target} did not answer within ${timeoutMs} ms`, { target }));
    }, timeoutMs);
    this.#signal = signal;
    if (signal !== undefined) {
      this.#onAbort = () => this.#end(abortError(signal, target));
      if (signal.aborted) {
        this.#onAbort();
      } else {
        signal.addEventListener("abort", this.#onAbort, { once: true });
      }
    }
  }

  /** Why the call is over, if it is. */
  get error(): TwirpError | undefined {
    return this.#error;
  }

  /** Milliseconds left, 0 when the call is over. */
  remainingMs(): number {
    return this.#error === undefined ? Math.max(0, this.#deadlineMs - Date.now()) : 0;
  }

  /** Calls `listener` when the call's time is over or its caller gives up; at once, if that is so already. */
  onEnd(listener: (error: TwirpError) => void): void {
    if (this.#error === undefined) {
      this.#listeners.add(listener);
    } else {
      listener(this.#error);
    }
  }

  offEnd(listener: (error: TwirpError) => void): void {
    this.#listeners.delete(listener);
  }

  /** Settles as `work` does, or rejects when the scope ends before. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onEnd(reject);
      work.then(resolve, reject).finally(() => this.offEnd(reject));
    });
  }

  /** Resolves after `delayMs`, or rejects when the scope ends before. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const onEnd = (error: TwirpError): void => {
        clearTimeout(timer);
        reject(error);
      };
      const timer = setTimeout(() => {
        this.offEnd(onEnd);
        resolve();
      }, delayMs);
      this.onEnd(onEnd);
    });
  }

  /** Lets go of timer and signal. To be called when the call is answered. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#signal !== undefined && this.#onAbort !== undefined) {
      this.#signal.removeEventListener("abort", this.#onAbort);
    }
    this.#listeners.clear();
  }

  #end(error: TwirpError): void {
    if (this.#error === undefined) {
      this.#error = error;
      const listeners = [...this.#listeners];
      this.close();
      for (const listener of listeners) {
        listener(error);
      }
    }
  }
}

/** `AbortSignal.timeout` and the deadline of a call that we serve are deadlines; anything else is a caller that gave up. */
function abortError(signal: AbortSignal, target: string): TwirpError {
  const reason: unknown = signal.reason;
  if (isTwirpError(reason) && reason.code === TwirpErrorCode.DeadlineExceeded) {
    return reason;
  }
  if (reason instanceof DOMException && reason.name === "TimeoutError") {
    return deadlineExceeded(`${target} did not answer in time`, { target });
  }
  return isTwirpError(reason) && reason.code === TwirpErrorCode.Canceled
    ? reason
    : canceled(`call of ${target} was canceled`, reason);
}
