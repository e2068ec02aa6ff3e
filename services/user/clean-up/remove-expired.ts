import type { Pool } from "pg";
import type { ObjectStore } from "../../platform/object-store/object-store";
import { pdfKey, uploadKey } from "../object-keys";

/** What removing takes. */
export interface RemoveDependencies {
  pool: Pool;
  objectStore: Pick<ObjectStore, "delete" | "list" | "abortUploads">;
}

/** How long what is kept, in milliseconds. */
export interface Retention {
  /** Uploads and inline images, after the upload was announced and after the last conversion of it has ended. */
  sourceMs: number;
  /** PDFs, after their conversion has ended. */
  pdfMs: number;
}

const BATCH = 500;

/** Uploads whose time is over and that no conversion needs any more. Row first: what stays of a crash is an orphan. */
const EXPIRED_UPLOADS = `
  DELETE FROM uploads WHERE id IN (
    SELECT u.id FROM uploads u
     WHERE u.created_at < now() - $1 * interval '1 millisecond'
       AND NOT EXISTS (
         SELECT FROM conversions c
          WHERE c.source_key = 'uploads/' || u.id
            AND (c.status = 'pending' OR c.ended_at >= now() - $1 * interval '1 millisecond')
       )
     LIMIT ${BATCH}
  )
  RETURNING id`;
const EXPIRED_INLINE_IMAGES = `
  UPDATE conversions SET source_removed_at = now() WHERE id IN (
    SELECT id FROM conversions
     WHERE source_key LIKE 'images/%' AND source_removed_at IS NULL
       AND ended_at < now() - $1 * interval '1 millisecond'
     LIMIT ${BATCH}
  )
  RETURNING source_key`;
const EXPIRED_PDFS = `
  UPDATE conversions SET pdf_removed_at = now() WHERE id IN (
    SELECT id FROM conversions
     WHERE pdf IS NOT NULL AND pdf_removed_at IS NULL AND ended_at < now() - $1 * interval '1 millisecond'
     LIMIT ${BATCH}
  )
  RETURNING job_id`;

/**
 * Removes source images and PDFs whose time is over.
 *
 * @returns number of objects
 */
export async function removeExpired(
  dependencies: RemoveDependencies,
  { sourceMs, pdfMs }: Retention,
  signal: AbortSignal,
): Promise<number> {
  const remove = <Row extends object>(statement: string, afterMs: number, key: (row: Row) => string) =>
    inBatches<Row>(dependencies, { statement, afterMs, key, signal });
  const uploads = await remove<{ id: string }>(EXPIRED_UPLOADS, sourceMs, ({ id }) => uploadKey(id));
  const inline = await remove<{ source_key: string }>(EXPIRED_INLINE_IMAGES, sourceMs, ({ source_key }) => source_key);
  const pdfs = await remove<{ job_id: string }>(EXPIRED_PDFS, pdfMs, ({ job_id }) => pdfKey(job_id));
  return uploads + inline + pdfs;
}

interface Batches<Row> {
  statement: string;
  afterMs: number;
  /** Key of the object to remove. */
  key: (row: Row) => string;
  signal: AbortSignal;
}

async function inBatches<Row extends object>(
  { pool, objectStore }: RemoveDependencies,
  { statement, afterMs, key, signal }: Batches<Row>,
): Promise<number> {
  let removed = 0;
  for (let count = BATCH; count === BATCH; ) {
    signal.throwIfAborted();
    const { rows } = await pool.query<Row>(statement, [afterMs]);
    for (const row of rows) {
      await objectStore.delete(key(row));
    }
    removed += rows.length;
    count = rows.length;
  }
  return removed;
}
