import { blame, resourceExhausted } from "../platform/twirp/errors";

/** Bounds how many conversions run at a time. Nothing waits here: the job service retries later, and keeps the order. */
export class ConversionSlots {
  readonly #slots: number;
  #taken = 0;

  /** @param slots most conversions at a time */
  constructor(slots: number) {
    this.#slots = slots;
  }

  /**
   * Runs `work` when a slot is free.
   *
   * @throws TwirpError resource_exhausted when none is
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken >= this.#slots) {
      const message = `all ${this.#slots} conversion slots are taken: try again`;
      throw blame(resourceExhausted(message, { limit: "concurrency" }), "image_service_full");
    }
    this.#taken++;
    try {
      return await work();
    } finally {
      this.#taken--;
    }
  }
}
