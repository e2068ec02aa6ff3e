/** More than the cross-reference table and trailer of a PDF with one page take. */
const KEPT_BYTES = 8 * 1024;

/**
 * Looks at the end of a PDF that goes by. ImageMagick assembles a PDF in a temporary file; when the disk becomes full
 * meanwhile, it hands out what was written, with exit code 0 and without a word.
 */
export class PdfEnd {
  #kept: Buffer = Buffer.alloc(0);
  #bytes = 0;

  /** Takes the next bytes. */
  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const joined = chunk.length >= KEPT_BYTES ? chunk : Buffer.concat([this.#kept, chunk]);
    this.#kept = joined.subarray(-KEPT_BYTES);
  }

  /** Whether what went by ends as a PDF does, with a cross-reference table where it says (ISO 32000-1, section 7.5.5). */
  get isWhole(): boolean {
    const text = this.#kept.toString("latin1");
    const start = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)?.[1];
    return start !== undefined && text.startsWith("xref", Number(start) - (this.#bytes - this.#kept.length));
  }
}
