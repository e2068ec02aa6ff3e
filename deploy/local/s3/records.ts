import type { ChecksumName } from "./checksums";

/** A file with bytes of an object: the whole object, or one part of a multipart upload. */
export interface Blob {
  /** File name, which is derived from a hash of bucket and key. */
  readonly id: string;
  readonly bytes: number;
}

/** Headers that are stored with an object and sent back with it. */
export interface StoredHeaders {
  /** Standard headers such as content-type, names in lower case. */
  readonly standard: Readonly<Record<string, string>>;
  /** User metadata, names without x-amz-meta-. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object as it is stored. */
export interface ObjectRecord {
  readonly blobs: readonly Blob[];
  readonly bytes: number;
  /** Without quotes. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly lastModified: number;
  readonly headers: StoredHeaders;
  /** Base64; of a multipart object "<checksum of checksums>-<parts>". */
  readonly checksums: Partial<Record<ChecksumName, string>>;
}

/** A part of a multipart upload. */
export interface PartRecord {
  readonly number: number;
  readonly blob: Blob;
  readonly etag: string;
  readonly lastModified: number;
  readonly checksums: Partial<Record<ChecksumName, string>>;
}

/** A multipart upload that is neither completed nor aborted. */
export interface UploadRecord {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: number;
  readonly headers: StoredHeaders;
  readonly checksum: ChecksumName | undefined;
  readonly parts: ReadonlyMap<number, PartRecord>;
}

/** A change of the catalog, as it stands in the journal. */
export type CatalogEntry =
  | { readonly type: "bucket-created"; readonly bucket: string; readonly createdAt: number }
  | { readonly type: "bucket-deleted"; readonly bucket: string }
  | { readonly type: "object-stored"; readonly bucket: string; readonly key: string; readonly object: ObjectRecord }
  | { readonly type: "object-deleted"; readonly bucket: string; readonly key: string }
  | { readonly type: "upload-created"; readonly upload: Omit<UploadRecord, "parts"> }
  | { readonly type: "part-stored"; readonly uploadId: string; readonly part: PartRecord }
  | { readonly type: "upload-completed"; readonly uploadId: string; readonly object: ObjectRecord }
  | { readonly type: "upload-aborted"; readonly uploadId: string };
