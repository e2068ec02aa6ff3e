/** What a callback told. */
export type CallbackKind = "email-delivered" | "email-failed" | "image-converted" | "image-failed";

/** A callback as the user service sent it. */
export interface Callback {
  readonly kind: CallbackKind;
  /** Job that it is about; a second callback for the same job changes nothing. */
  readonly jobId: string;
  /** The request in protobuf's JSON. */
  readonly body: unknown;
}

/** A callback that arrived. */
export interface ReceivedCallback extends Callback {
  /** Counts up from 1 in the life of the process. */
  readonly sequence: number;
  readonly receivedAt: Date;
}

/** Learns of every callback after it was recorded. */
export type CallbackListener = (callback: ReceivedCallback) => void;

/** The latest callbacks, in memory. */
export class CallbackLog {
  readonly #capacity: number;
  /** By job id; a Map keeps the order of arrival. */
  readonly #kept = new Map<string, ReceivedCallback>();
  readonly #listeners = new Set<CallbackListener>();
  #sequence = 0;

  /** @param capacity callbacks that are kept; the oldest gives way to the newest */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Keeps a callback and tells the listeners. One for a job that is kept already is ignored: false. */
  record(callback: Callback, receivedAt: Date): boolean {
    if (this.#kept.has(callback.jobId)) return false;
    this.#sequence += 1;
    const received = { ...callback, sequence: this.#sequence, receivedAt };
    this.#kept.set(callback.jobId, received);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#capacity) break;
      this.#kept.delete(oldest);
    }
    for (const listener of this.#listeners) listener(received);
    return true;
  }

  /** The kept callbacks after a sequence number, oldest first; 0 for all. */
  after(sequence: number): ReceivedCallback[] {
    return [...this.#kept.values()].filter((callback) => callback.sequence > sequence);
  }

  /** Listeners at the moment. */
  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Tells a listener of every callback from now on, until the returned function is called. */
  listen(listener: CallbackListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
