/** What a parser needs next: `take` bytes to look at, or `skip` bytes that do not matter. */
export type Demand = { readonly take: number } | { readonly skip: number };

/** A parser that asks for bytes and is handed those it took (an empty array for those it skipped). */
export type Parser = Generator<Demand, void, Uint8Array>;

const NOTHING = new Uint8Array();

/**
 * Feeds a parser from a stream that arrives in pieces. Skipped bytes are not kept, so memory is bounded by the largest
 * `take`.
 */
export class PullParser {
  readonly #parser: Parser;
  #demand: Demand | undefined;
  /** Bytes that arrived and are not yet consumed. */
  #kept: Uint8Array = NOTHING;
  #skipLeft = 0;

  constructor(parser: Parser) {
    this.#parser = parser;
    this.#next(NOTHING);
  }

  /** Whether the parser needs no more bytes. */
  get isFinished(): boolean {
    return this.#demand === undefined;
  }

  /** Hands over the next piece of the stream. What comes after the parser's end is ignored. */
  push(piece: Uint8Array): void {
    let rest = piece;
    while (this.#demand !== undefined) {
      if ("skip" in this.#demand) {
        const skipped = Math.min(this.#skipLeft, rest.length);
        rest = rest.subarray(skipped);
        this.#skipLeft -= skipped;
        if (this.#skipLeft > 0) {
          return;
        }
        this.#next(NOTHING);
      } else {
        const missing = this.#demand.take - this.#kept.length;
        if (missing > rest.length) {
          this.#kept = join(this.#kept, rest);
          return;
        }
        const taken = join(this.#kept, rest.subarray(0, missing));
        rest = rest.subarray(missing);
        this.#kept = NOTHING;
        this.#next(taken);
      }
    }
  }

  #next(bytes: Uint8Array): void {
    const step = this.#parser.next(bytes);
    this.#demand = step.done ? undefined : step.value;
    this.#skipLeft = this.#demand !== undefined && "skip" in this.#demand ? this.#demand.skip : 0;
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  return first.length === 0 ? second : Buffer.concat([first, second]);
}
