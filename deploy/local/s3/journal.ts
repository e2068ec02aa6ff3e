import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CatalogEntry } from "./records";

const fileName = "catalog.ndjson";

/** The file that the catalog is rebuilt from: one JSON line for each change. */
export class Journal {
  readonly #directory: string;
  #file: FileHandle;
  /** Where the last whole line ends. What is behind it was not acknowledged. */
  #length: number;
  #entries: number;

  private constructor(directory: string, file: FileHandle, length: number, entries: number) {
    this.#directory = directory;
    this.#file = file;
    this.#length = length;
    this.#entries = entries;
  }

  /** Opens the journal of a directory and replays it; a last line that was cut short is dropped. */
  static async open(directory: string, replay: (entry: CatalogEntry) => void): Promise<Journal> {
    const file = await open(join(directory, fileName), "a+").then(async (created) => {
      await created.close();
      return open(join(directory, fileName), "r+");
    });
    const content = await file.readFile();
    let length = 0;
    let entries = 0;
    for (;;) {
      const end = content.indexOf(0x0a, length);
      if (end === -1) {
        break;
      }
      replay(JSON.parse(content.toString("utf8", length, end)));
      entries++;
      length = end + 1;
    }
    await file.truncate(length);
    return new Journal(directory, file, length, entries);
  }

  /** Number of lines, which says when compacting is worth it. */
  get entries(): number {
    return this.#entries;
  }

  /** Appends a change. When that fails, the journal is as it was before. Not to be called concurrently. */
  async append(entry: CatalogEntry): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      for (let written = 0; written < line.length; ) {
        const result = await this.#file.write(line, written, line.length - written, this.#length + written);
        written += result.bytesWritten;
      }
    } catch (cause) {
      await this.#file.truncate(this.#length);
      throw cause;
    }
    this.#length += line.length;
    this.#entries++;
  }

  /** Replaces the lines by fewer that lead to the same catalog. Not to be called concurrently. */
  async compact(snapshot: Iterable<CatalogEntry>): Promise<void> {
    const temporary = join(this.#directory, `${fileName}.new`);
    const file = await open(temporary, "w+");
    let length = 0;
    let entries = 0;
    try {
      for (const batch of batches(snapshot, 500)) {
        const lines = Buffer.from(batch.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
        await file.writeFile(lines);
        length += lines.length;
        entries += batch.length;
      }
      await rename(temporary, join(this.#directory, fileName));
    } catch (cause) {
      await file.close();
      await rm(temporary, { force: true });
      throw cause;
    }
    await this.#file.close();
    this.#file = file;
    this.#length = length;
    this.#entries = entries;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function* batches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
