import { isTwirpError } from "../errors";
import { undecodableAnswer } from "./transport-error";

/**
 * The promise of an answer, whose `then` is where generated clients decode it.
 *
 * Generated code calls `rpc.request(…).then((data) => Message.fromBinary(data))`, so that a decoder's error would reach the
 * caller raw. Here it becomes a TwirpError `internal`.
 */
export class DecodingPromise<T> extends Promise<T> {
  #target = "";

  /** Follows `answer`, blaming `target` for what cannot be decoded. */
  static of<T>(answer: Promise<T>, target: string): DecodingPromise<T> {
    const promise = new DecodingPromise<T>((resolve, reject) => {
      answer.then(resolve, reject);
    });
    promise.#target = target;
    return promise;
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise, and its then is the one place to stand between caller and decoder.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (typeof onFulfilled !== "function") {
      return super.then(onFulfilled, onRejected);
    }
    return super.then((value) => {
      try {
        return onFulfilled(value);
      } catch (error) {
        throw isTwirpError(error) ? error : undecodableAnswer(this.#target, "cannot be decoded", error);
      }
    }, onRejected);
  }
}
