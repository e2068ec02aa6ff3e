import { Writable } from "node:stream";
import { MESSAGE, type WinstonInfo } from "./log-record";

/**
 * The end of winston's pipe: writes finished lines to a stream that it does not own, and waits for a stream that is full. It
 * finishes when the stream has taken its last line, so that nothing is lost when the process exits then. Lines for a stream
 * that broke (its reader went away) are dropped: a service does not die of that.
 */
export class LineTransport extends Writable {
  readonly #stream: Writable;
  #isBroken = false;

  /** Never called: winston 3 tells its own transports from those of version 2 by the number of this method's parameters. */
  readonly log = (): void => undefined;

  constructor(stream: Writable) {
    super({ objectMode: true, highWaterMark: 1_000 });
    this.#stream = stream;
    // Stays for good: a reader that goes away after the last line is no reason to die either.
    stream.on("error", () => {
      this.#isBroken = true;
    });
  }

  override _write(info: WinstonInfo, _encoding: BufferEncoding, done: () => void): void {
    this.#writeText(lineOf(info), done);
  }

  /** Lines that piled up while the stream was full go out as one piece. */
  override _writev(chunks: readonly { chunk: WinstonInfo }[], done: () => void): void {
    this.#writeText(chunks.map(({ chunk }) => lineOf(chunk)).join(""), done);
  }

  override _final(done: () => void): void {
    this.#writeText("", done);
  }

  /** Calls back when the stream has taken the text, or never will. */
  #writeText(text: string, done: () => void): void {
    if (this.#isBroken || !this.#stream.writable) {
      done();
      return;
    }
    this.#stream.write(text, () => done());
  }
}

function lineOf(info: WinstonInfo): string {
  return `${String(info[MESSAGE])}\n`;
}
