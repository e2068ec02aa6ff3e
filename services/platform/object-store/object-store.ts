import type { Readable } from "node:stream";

/** One bucket of an S3 object store. Keys are paths without a leading slash: `pdf/<id>.pdf`. */
export interface ObjectStore {
  /** Stores `bytes` under `key`, replacing what is there. */
  putBytes(key: string, bytes: Uint8Array, options: PutOptions): Promise<void>;

  /**
   * Stores everything that `source` yields under `key`, replacing what is there, in parts and without knowing the size
   * ahead. When the source fails, or the signal fires before the source has ended, nothing is stored, parts that were
   * already sent are removed, and the promise rejects with the source's error or the signal's reason.
   *
   * @returns the number of bytes stored
   */
  putStream(key: string, source: Readable, options: PutOptions): Promise<{ bytes: number }>;

  /** Size and type of the object, or undefined when there is none. */
  head(key: string): Promise<ObjectInfo | undefined>;

  /**
   * The bytes from `start` to `endInclusive`, counted from 0; fewer, or none, where the object ends before.
   *
   * @throws NoSuchKey when there is no such object
   */
  readRange(key: string, start: number, endInclusive: number): Promise<Uint8Array>;

  /**
   * The object's content. The caller reads it to the end or destroys it.
   *
   * @throws NoSuchKey when there is no such object
   */
  get(key: string): Promise<Readable>;

  /** A URL that reads the object without further credentials. */
  presignGet(key: string, options: PresignGetOptions): Promise<string>;

  /**
   * A URL at the public endpoint that stores one object of exactly this type and size without further credentials.
   * The request must carry the returned headers; with another type or size the store refuses it.
   */
  presignPut(key: string, options: PresignPutOptions): Promise<PresignedPut>;

  /** Removes the object. No error when there is none. */
  delete(key: string): Promise<void>;

  /** All objects whose keys begin with `prefix`, by key. Objects that come or go meanwhile may be among them or not. */
  list(prefix: string): AsyncIterable<ListedObject>;

  /**
   * Removes what is left of uploads in parts below `prefix` that were begun before a time and never ended, because their
   * process was killed. No more than a thousand at a call.
   *
   * @returns number of uploads
   */
  abortUploads(options: { prefix: string; startedBefore: Date }): Promise<number>;

  /** Creates the bucket unless it exists. */
  ensureBucket(): Promise<void>;

  /** Health check: resolves when the store answers, knows the credentials and has the bucket. */
  check(signal: AbortSignal): Promise<void>;

  /** Closes idle connections. */
  close(): void;
}

/** Options of both puts. */
interface PutOptions {
  /** Media type to store with the object. */
  contentType: string;
  /** Ends the upload, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What is known of an object without reading it. */
interface ObjectInfo {
  /** Size in bytes. */
  bytes: number;
  /** Media type, "" when none was stored. */
  contentType: string;
}

/** An object as a list shows it. */
export interface ListedObject {
  key: string;
  bytes: number;
  lastModified: Date;
}

/** Options of a presigned GET. */
export interface PresignGetOptions {
  /** Validity from now, in seconds; 7 days at most. */
  expiresInSeconds: number;
  /** Who will use it: another service, or somebody outside who reaches the public endpoint only. */
  audience: "internal" | "public";
  /** Makes a browser save the object under this name instead of showing it. */
  downloadName?: string;
}

/** Options of a presigned PUT. */
export interface PresignPutOptions {
  /** Media type that the request must declare. */
  contentType: string;
  /** Size in bytes that the request's body must have. */
  bytes: number;
  /** Validity from now, in seconds; 7 days at most. */
  expiresInSeconds: number;
}

/** A presigned PUT. */
export interface PresignedPut {
  url: string;
  /** Headers, by lower-case name, that the request must carry with exactly these values. */
  headers: Record<string, string>;
}
