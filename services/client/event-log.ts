/** What a callback told. */
export type CallbackKind = "email-delivered" | "email-failed" | "image-converted" | "image-failed";

/** How an alert stands. */
export type AlertKind = "alert-firing" | "alert-resolved";

/** What somebody told the outside world. */
export interface ClientEvent {
  /** Each source has room of its own: a flood of callbacks pushes no alert out. */
  readonly source: "callback" | "alert";
  readonly kind: CallbackKind | AlertKind;
  /** A second event of the same source and key changes nothing. */
  readonly key: string;
  /** What listeners are told of it, as JSON. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event that arrived. */
export interface ReceivedEvent extends ClientEvent {
  /** Counts up from 1 in the life of the process. */
  readonly sequence: number;
  readonly receivedAt: Date;
}

/** Learns of every event after it was recorded. */
export type EventListener = (event: ReceivedEvent) => void;

/** The latest events, in memory. */
export class EventLog {
  readonly #capacity: number;
  /** By key; a Map keeps the order of arrival. */
  readonly #kept = { callback: new Map<string, ReceivedEvent>(), alert: new Map<string, ReceivedEvent>() };
  readonly #listeners = new Set<EventListener>();
  #sequence = 0;

  /** @param capacity events of each source that are kept; the oldest gives way to the newest */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Keeps an event and tells the listeners. One whose key is kept already is ignored: false. */
  record(event: ClientEvent, receivedAt: Date): boolean {
    const kept = this.#kept[event.source];
    if (kept.has(event.key)) return false;
    this.#sequence += 1;
    const received = { ...event, sequence: this.#sequence, receivedAt };
    kept.set(event.key, received);
    for (const oldest of kept.keys()) {
      if (kept.size <= this.#capacity) break;
      kept.delete(oldest);
    }
    for (const listener of this.#listeners) listener(received);
    return true;
  }

  /** The kept events after a sequence number, oldest first; 0 for all. */
  after(sequence: number): ReceivedEvent[] {
    return [...this.#kept.callback.values(), ...this.#kept.alert.values()]
      .filter((event) => event.sequence > sequence)
      .toSorted((a, b) => a.sequence - b.sequence);
  }

  /** Listeners at the moment. */
  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Tells a listener of every event from now on, until the returned function is called. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
