import { mkdir } from "node:fs/promises";
import { BlobStore } from "./blob-store";
import { Catalog } from "./catalog";
import { Journal } from "./journal";
import type { CatalogEntry } from "./records";

const staleUploadMs = 24 * 3600_000;
const minEntriesToCompact = 10_000;

/** Objects on disk: files with the bytes, a catalog in memory, and the journal that it is rebuilt from. */
export class ObjectStorage {
  readonly catalog: Catalog;
  readonly blobs: BlobStore;
  readonly #journal: Journal;
  #compactAtEntries = minEntriesToCompact;
  #lastCommit: Promise<unknown> = Promise.resolve();

  private constructor(catalog: Catalog, blobs: BlobStore, journal: Journal) {
    this.catalog = catalog;
    this.blobs = blobs;
    this.#journal = journal;
  }

  /** Opens a directory, cleans up what a crash left, and aborts multipart uploads that are a day old. */
  static async open(directory: string): Promise<ObjectStorage> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const blobs = await BlobStore.open(directory);
    const catalog = new Catalog();
    const journal = await Journal.open(directory, (entry) => catalog.apply(entry));
    const storage = new ObjectStorage(catalog, blobs, journal);
    for (const upload of catalog.uploads()) {
      if (upload.initiated < Date.now() - staleUploadMs) {
        await storage.commit(() => ({ type: "upload-aborted", uploadId: upload.id }));
      }
    }
    await blobs.removeAllBut(new Set(usedBlobs(catalog)));
    return storage;
  }

  /**
   * Makes a change durable, then visible. Commits happen one after the other, so what decide() checks still holds
   * when its change is applied.
   *
   * @param decide gives the change, or throws when a precondition does not hold, or undefined for no change
   */
  async commit(decide: () => CatalogEntry | undefined): Promise<void> {
    const commit = this.#lastCommit.then(async () => {
      const entry = decide();
      if (entry === undefined) {
        return [];
      }
      await this.#journal.append(entry);
      const unused = this.catalog.apply(entry);
      if (this.#journal.entries >= this.#compactAtEntries) {
        // The change is durable already: a compaction that finds the disk full leaves the journal as it is.
        await this.#compactWhenWorthIt().catch(() => undefined);
      }
      return unused;
    });
    this.#lastCommit = commit.catch(() => undefined);
    await this.blobs.remove(await commit);
  }

  /** Waits for commits that are under way and closes the journal. */
  async close(): Promise<void> {
    await this.#lastCommit;
    await this.#journal.close();
  }

  async #compactWhenWorthIt(): Promise<void> {
    const live = [...this.catalog.snapshot()].length;
    try {
      if (this.#journal.entries > 2 * live) {
        await this.#journal.compact(this.catalog.snapshot());
      }
    } finally {
      this.#compactAtEntries = Math.max(minEntriesToCompact, 2 * this.#journal.entries);
    }
  }
}

function* usedBlobs(catalog: Catalog): Generator<string> {
  for (const entry of catalog.snapshot()) {
    if (entry.type === "object-stored") {
      yield* entry.object.blobs.map((blob) => blob.id);
    } else if (entry.type === "part-stored") {
      yield entry.part.blob.id;
    }
  }
}
