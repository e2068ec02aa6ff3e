import type { Pool } from "pg";
import { deterministicId } from "../platform/ids/deterministic-id";
import type { ObjectStore } from "../platform/object-store/object-store";
import { failedPrecondition, internal, notFound } from "../platform/twirp/errors";
import { assertSameContent, contentHash } from "./idempotency";
import { contentTypeOf, FORMAT_BYTES, formatOf, type SourceFormat } from "./image-format";
import { uploadKey } from "./object-keys";
import type { NewUpload } from "./requests";
import { isForeignKeyViolation } from "./sql-errors";
import { fromObjectStore } from "./unavailability";
import { userNotFound } from "./users";

/** A place to PUT an image to. */
export interface Upload {
  id: string;
  /** Presigned PUT URL. */
  url: string;
  /** Headers that the PUT must carry. */
  headers: Record<string, string>;
  expiresAt: Date;
}

/** What preparing an upload takes. */
export interface CreateUploadDependencies {
  pool: Pool;
  objectStore: ObjectStore;
  uploadUrlTtlSeconds: number;
}

/** An image that is in the bucket. */
export interface StoredImage {
  objectKey: string;
  format: SourceFormat;
  bytes: number;
}

interface UploadRow {
  format: SourceFormat;
  /** bigint, which pg answers as text. */
  size_bytes: string;
}

const INSERT = `
  INSERT INTO uploads (id, user_id, content_hash, format, size_bytes) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (id) DO NOTHING`;
const SELECT_HASH = "SELECT content_hash FROM uploads WHERE id = $1";
const SELECT_OF_USER = "SELECT format, size_bytes FROM uploads WHERE id = $1 AND user_id = $2";

/**
 * Prepares an upload. A repetition answers the same upload with a fresh URL, so that a caller who waited too long
 * can go on.
 *
 * @throws TwirpError not_found (user), already_exists (idempotency key)
 */
export async function createUpload(
  { pool, objectStore, uploadUrlTtlSeconds }: CreateUploadDependencies,
  { idempotencyKey, userId, format, sizeBytes }: NewUpload,
): Promise<Upload> {
  const id = deterministicId("upload", userId, idempotencyKey);
  const hash = contentHash([format, sizeBytes]);
  try {
    const { rowCount } = await pool.query(INSERT, [id, userId, hash, format, sizeBytes]);
    if (rowCount === 0) {
      await assertRepetition(pool, id, hash);
    }
  } catch (error) {
    throw isForeignKeyViolation(error) ? userNotFound() : error;
  }
  const expiresAt = new Date(Date.now() + uploadUrlTtlSeconds * 1000);
  const { url, headers } = await objectStore.presignPut(uploadKey(id), {
    contentType: contentTypeOf(format),
    bytes: sizeBytes,
    expiresInSeconds: uploadUrlTtlSeconds,
  });
  return { id, url, headers, expiresAt };
}

async function assertRepetition(pool: Pool, id: string, hash: Buffer): Promise<void> {
  const { rows } = await pool.query<{ content_hash: Buffer }>(SELECT_HASH, [id]);
  if (rows[0] === undefined) {
    throw internal(new Error(`upload ${id} conflicted with a row that is gone`));
  }
  assertSameContent(rows[0].content_hash, hash);
}

/**
 * Looks at what a user uploaded: it must be there, as large as announced and of the announced format.
 *
 * @throws TwirpError not_found (no such upload of this user), failed_precondition (nothing there, or something else)
 */
export async function findUploadedImage(
  { pool, objectStore }: Pick<CreateUploadDependencies, "pool" | "objectStore">,
  { uploadId, userId, signal }: { uploadId: string; userId: string; signal: AbortSignal },
): Promise<StoredImage> {
  const { rows } = await pool.query<UploadRow>(SELECT_OF_USER, [uploadId, userId]);
  const announced = rows[0];
  if (announced === undefined) {
    throw notFound("no such upload of this user");
  }
  const objectKey = uploadKey(uploadId);
  const announcedBytes = Number(announced.size_bytes);
  const stored = await fromObjectStore(signal, () => objectStore.head(objectKey));
  if (stored === undefined) {
    throw failedPrecondition("nothing was uploaded yet: PUT the image to the upload's URL first");
  }
  if (stored.bytes !== announcedBytes) {
    throw failedPrecondition(`the upload has ${stored.bytes} bytes where ${announcedBytes} were announced`);
  }
  const firstBytes = await fromObjectStore(signal, () => objectStore.readRange(objectKey, 0, FORMAT_BYTES - 1));
  const format = formatOf(firstBytes);
  if (format !== announced.format) {
    throw failedPrecondition(
      `the upload is ${format === undefined ? "neither PNG nor JPEG" : format.toUpperCase()} ` +
        `where ${announced.format.toUpperCase()} was announced`,
    );
  }
  return { objectKey, format, bytes: stored.bytes };
}
