import type { CatalogEntry, ObjectRecord, PartRecord, UploadRecord } from "./records";

interface Bucket {
  readonly createdAt: number;
  readonly objects: Map<string, ObjectRecord>;
  /** Keys in the order of their UTF-8 bytes; undefined when it has to be made anew. */
  sortedKeys: readonly string[] | undefined;
}

interface Upload extends UploadRecord {
  readonly parts: Map<number, PartRecord>;
}

/** What is stored: buckets, objects and open uploads. All of it changes through apply() alone. */
export class Catalog {
  readonly #buckets = new Map<string, Bucket>();
  readonly #uploads = new Map<string, Upload>();

  /** Names and creation times (epoch milliseconds) of all buckets, by name. */
  buckets(): { name: string; createdAt: number }[] {
    return [...this.#buckets]
      .map(([name, { createdAt }]) => ({ name, createdAt }))
      .sort((left, right) => compareUtf8(left.name, right.name));
  }

  hasBucket(name: string): boolean {
    return this.#buckets.has(name);
  }

  isEmpty(bucket: string): boolean {
    return (this.#buckets.get(bucket)?.objects.size ?? 0) === 0;
  }

  object(bucket: string, key: string): ObjectRecord | undefined {
    return this.#buckets.get(bucket)?.objects.get(key);
  }

  /** Keys of a bucket in the order of their UTF-8 bytes, as S3 lists them. */
  sortedKeys(name: string): readonly string[] {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      return [];
    }
    bucket.sortedKeys ??= [...bucket.objects.keys()].sort(compareUtf8);
    return bucket.sortedKeys;
  }

  upload(id: string): UploadRecord | undefined {
    return this.#uploads.get(id);
  }

  uploads(): UploadRecord[] {
    return [...this.#uploads.values()];
  }

  /** Applies a change and returns the ids of the blobs that nothing refers to any more. */
  apply(entry: CatalogEntry): string[] {
    switch (entry.type) {
      case "bucket-created":
        this.#buckets.set(entry.bucket, { createdAt: entry.createdAt, objects: new Map(), sortedKeys: undefined });
        return [];
      case "bucket-deleted":
        return this.#deleteBucket(entry.bucket);
      case "object-stored":
        return this.#store(entry.bucket, entry.key, entry.object);
      case "object-deleted":
        return this.#delete(entry.bucket, entry.key);
      case "upload-created":
        this.#uploads.set(entry.upload.id, { ...entry.upload, parts: new Map() });
        return [];
      case "part-stored": {
        const parts = this.#uploads.get(entry.uploadId)?.parts;
        const replaced = parts?.get(entry.part.number);
        parts?.set(entry.part.number, entry.part);
        return replaced === undefined ? [] : [replaced.blob.id];
      }
      case "upload-completed":
        return this.#complete(entry.uploadId, entry.object);
      case "upload-aborted":
        return this.#dropUpload(entry.uploadId);
      default:
        return entry satisfies never;
    }
  }

  /** The changes that lead from an empty catalog to this one. */
  *snapshot(): Generator<CatalogEntry> {
    for (const [name, bucket] of this.#buckets) {
      yield { type: "bucket-created", bucket: name, createdAt: bucket.createdAt };
      for (const [key, object] of bucket.objects) {
        yield { type: "object-stored", bucket: name, key, object };
      }
    }
    for (const { parts, ...upload } of this.#uploads.values()) {
      yield { type: "upload-created", upload };
      for (const part of parts.values()) {
        yield { type: "part-stored", uploadId: upload.id, part };
      }
    }
  }

  #store(name: string, key: string, object: ObjectRecord): string[] {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      return object.blobs.map((blob) => blob.id);
    }
    const replaced = bucket.objects.get(key);
    if (replaced === undefined) {
      bucket.sortedKeys = undefined;
    }
    bucket.objects.set(key, object);
    return replaced?.blobs.map((blob) => blob.id) ?? [];
  }

  #delete(name: string, key: string): string[] {
    const bucket = this.#buckets.get(name);
    const deleted = bucket?.objects.get(key);
    if (bucket === undefined || deleted === undefined) {
      return [];
    }
    bucket.objects.delete(key);
    bucket.sortedKeys = undefined;
    return deleted.blobs.map((blob) => blob.id);
  }

  #deleteBucket(name: string): string[] {
    const objects = [...(this.#buckets.get(name)?.objects.values() ?? [])];
    this.#buckets.delete(name);
    const ofUploads = this.uploads()
      .filter((upload) => upload.bucket === name)
      .flatMap((upload) => this.#dropUpload(upload.id));
    return [...objects.flatMap((object) => object.blobs.map((blob) => blob.id)), ...ofUploads];
  }

  #complete(uploadId: string, object: ObjectRecord): string[] {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined) {
      return [];
    }
    const kept = new Set(object.blobs.map((blob) => blob.id));
    const unused = this.#dropUpload(uploadId).filter((id) => !kept.has(id));
    return [...unused, ...this.#store(upload.bucket, upload.key, object)];
  }

  #dropUpload(uploadId: string): string[] {
    const parts = [...(this.#uploads.get(uploadId)?.parts.values() ?? [])];
    this.#uploads.delete(uploadId);
    return parts.map((part) => part.blob.id);
  }
}

/** Orders texts by their UTF-8 bytes, which for surrogate pairs is not the order of `<`. */
export function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
