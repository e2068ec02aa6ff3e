import { createHash, randomUUID } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { copyFile, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Blob } from "./records";

/** Files with the bytes of objects. Names are hashes, so that no key can name a path. */
export class BlobStore {
  readonly #blobs: string;
  readonly #temporary: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  private constructor(directory: string) {
    this.#blobs = join(directory, "blobs");
    this.#temporary = join(directory, "tmp");
  }

  /** Opens the store of a directory and deletes what uploads left that were cut off. */
  static async open(directory: string): Promise<BlobStore> {
    const store = new BlobStore(directory);
    await rm(store.#temporary, { recursive: true, force: true });
    await mkdir(store.#temporary, { recursive: true });
    await mkdir(store.#blobs, { recursive: true });
    return store;
  }

  /** Stores all chunks, or nothing when they or the disk fail. */
  async write(bucket: string, key: string, chunks: AsyncIterable<Buffer>): Promise<Blob> {
    return await this.#create(bucket, key, async (path) => {
      const file = await open(path, "wx", 0o600);
      let bytes = 0;
      try {
        for await (const chunk of chunks) {
          await file.writeFile(chunk);
          bytes += chunk.length;
        }
      } finally {
        await file.close();
      }
      return bytes;
    });
  }

  /** Copies a blob for another object. */
  async copy(bucket: string, key: string, blob: Blob): Promise<Blob> {
    return await this.#create(bucket, key, async (path) => {
      await copyFile(this.#path(blob.id), path, constants.COPYFILE_FICLONE);
      return blob.bytes;
    });
  }

  /** Bytes start to endInclusive of the blobs laid end to end. They stay readable while they are being read. */
  async *read(blobs: readonly Blob[], start: number, endInclusive: number): AsyncGenerator<Buffer> {
    for (const { id } of blobs) {
      this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    }
    try {
      let offset = 0;
      for (const { id, bytes } of blobs) {
        const from = Math.max(start - offset, 0);
        const to = Math.min(endInclusive - offset, bytes - 1);
        offset += bytes;
        if (from <= to) {
          yield* createReadStream(this.#path(id), { start: from, end: to, highWaterMark: 256 * 1024 });
        }
      }
    } finally {
      await Promise.all(blobs.map(({ id }) => this.#release(id)));
    }
  }

  /** Deletes blobs, those being read once they have been. */
  async remove(ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        if (this.#readers.has(id)) {
          this.#doomed.add(id);
        } else {
          await rm(this.#path(id), { force: true });
        }
      }),
    );
  }

  /** Deletes every blob that is not in use: what a crash left behind. */
  async removeAllBut(used: ReadonlySet<string>): Promise<void> {
    for (const folder of await readdir(this.#blobs)) {
      const unused = (await readdir(join(this.#blobs, folder))).filter((id) => !used.has(id));
      await Promise.all(unused.map((id) => rm(join(this.#blobs, folder, id), { force: true })));
    }
  }

  async #create(bucket: string, key: string, fill: (path: string) => Promise<number>): Promise<Blob> {
    const temporary = join(this.#temporary, randomUUID());
    try {
      const bytes = await fill(temporary);
      const id = `${createHash("sha256").update(`${bucket}/${key}`).digest("hex")}.${randomUUID().slice(0, 8)}`;
      await mkdir(dirname(this.#path(id)), { recursive: true });
      await rename(temporary, this.#path(id));
      return { id, bytes };
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
  }

  async #release(id: string): Promise<void> {
    const readers = (this.#readers.get(id) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(id, readers);
      return;
    }
    this.#readers.delete(id);
    if (this.#doomed.delete(id)) {
      await rm(this.#path(id), { force: true });
    }
  }

  #path(id: string): string {
    return join(this.#blobs, id.slice(0, 2), id);
  }
}
