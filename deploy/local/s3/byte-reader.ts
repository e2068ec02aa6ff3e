/** Reads lines and runs of bytes from a stream, holding no more than one chunk and one line. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #pending: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** A line without its CRLF; undefined at the end of the stream or when the line is longer than maxBytes. */
  async readLine(maxBytes: number): Promise<string | undefined> {
    for (;;) {
      const end = this.#pending.indexOf("\r\n");
      if (end !== -1 && end <= maxBytes) {
        const line = this.#pending.subarray(0, end).toString("latin1");
        this.#pending = this.#pending.subarray(end + 2);
        return line;
      }
      if (end !== -1 || this.#pending.length > maxBytes + 1) {
        return undefined;
      }
      const next = await this.#source.next();
      if (next.done) {
        return undefined;
      }
      this.#pending = Buffer.concat([this.#pending, next.value]);
    }
  }

  /** From 1 to maxBytes bytes, as soon as there are any; undefined at the end of the stream. */
  async readSome(maxBytes: number): Promise<Buffer | undefined> {
    while (this.#pending.length === 0) {
      const next = await this.#source.next();
      if (next.done) {
        return undefined;
      }
      this.#pending = next.value;
    }
    const some = this.#pending.subarray(0, maxBytes);
    this.#pending = this.#pending.subarray(some.length);
    return some;
  }
}
