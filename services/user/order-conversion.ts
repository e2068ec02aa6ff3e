import { createHash } from "node:crypto";
import type { Pool } from "pg";
import { ConversionOptions } from "../../gen/twirp/mcsv/v1/image";
import { deterministicId, jobId } from "../platform/ids/deterministic-id";
import type { ObjectStore } from "../platform/object-store/object-store";
import { withTransaction } from "../platform/postgres/with-transaction";
import { internal } from "../platform/twirp/errors";
import { CONVERSION_COLUMNS, type Conversion, type ConversionRow, conversionFromRow } from "./conversion-rows";
import { assertSameContent, contentHash } from "./idempotency";
import { contentTypeOf } from "./image-format";
import { inlineImageKey } from "./object-keys";
import { conversionKey, type Outbox } from "./outbox";
import type { NewConversion } from "./requests";
import { fromObjectStore } from "./unavailability";
import { findUploadedImage, type StoredImage } from "./uploads";
import { userNotFound } from "./users";

/** What ordering a conversion takes. */
export interface OrderConversionDependencies {
  pool: Pool;
  objectStore: ObjectStore;
  outbox: Outbox;
}

type StoredRow = ConversionRow & { content_hash: Buffer };

/** The user, and beside it the conversion under this idempotency key if there is one. */
const SELECT_USER_AND_CONVERSION = `
  SELECT c.content_hash, ${CONVERSION_COLUMNS}
  FROM users u LEFT JOIN conversions c ON c.id = $2
  WHERE u.id = $1`;
const INSERT = `
  INSERT INTO conversions AS c
    (id, user_id, content_hash, job_id, file_name, options, source_key, source_format, source_bytes)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (id) DO NOTHING
  RETURNING ${CONVERSION_COLUMNS}`;

/**
 * Stores an inline image or looks at the uploaded one, then stores the conversion and orders its job, in one
 * transaction. A repetition answers what the first call answered.
 *
 * An object whose transaction failed does no harm: nothing refers to it, and the repetition writes the same bytes to
 * the same key.
 *
 * @param signal ends the work of a caller who is gone or whose time is over
 * @throws TwirpError not_found (user or upload), failed_precondition (upload), already_exists (idempotency key),
 *   unavailable (object store)
 */
export async function orderConversion(
  { pool, objectStore, outbox }: OrderConversionDependencies,
  asked: NewConversion,
  signal: AbortSignal,
): Promise<Conversion> {
  const { userId, fileName, options } = asked;
  const id = deterministicId("conversion", userId, asked.idempotencyKey);
  const optionsJson = ConversionOptions.toJsonString(options, { useProtoFieldName: true });
  const source = sourceName(asked.source);
  const hash = contentHash([fileName, optionsJson, source]);

  const earlier = await findEarlier(pool, userId, id);
  if (earlier !== undefined) {
    return repeatedConversion(earlier, hash);
  }
  const image = await sourceImage({ pool, objectStore }, asked, { id, source, signal });
  signal.throwIfAborted();
  const created = await withTransaction(pool, async (client) => {
    const { rows } = await client.query<ConversionRow>(INSERT, [
      id,
      userId,
      hash,
      jobId("image-conversion", conversionKey(id)),
      fileName,
      optionsJson,
      image.objectKey,
      image.format,
      image.bytes,
    ]);
    if (rows[0] !== undefined) {
      await outbox.orderConversion(client, { conversionId: id, userId, sourceKey: image.objectKey, options });
    }
    return rows[0];
  });
  if (created !== undefined) {
    return conversionFromRow(created);
  }
  const rival = await findEarlier(pool, userId, id);
  if (rival === undefined) {
    throw internal(new Error(`conversion ${id} conflicted with a row that is gone`));
  }
  return repeatedConversion(rival, hash);
}

/** Says which image is asked for: the hash of an inline one, or the id of an upload. */
function sourceName(source: NewConversion["source"]): string {
  return source.kind === "upload" ? source.uploadId : createHash("sha256").update(source.bytes).digest("hex");
}

async function sourceImage(
  dependencies: Pick<OrderConversionDependencies, "pool" | "objectStore">,
  { source, userId }: NewConversion,
  { id, source: sha256, signal }: { id: string; source: string; signal: AbortSignal },
): Promise<StoredImage> {
  if (source.kind === "upload") {
    return findUploadedImage(dependencies, { uploadId: source.uploadId, userId, signal });
  }
  const { bytes, format } = source;
  const objectKey = inlineImageKey(id, sha256);
  await fromObjectStore(signal, () =>
    dependencies.objectStore.putBytes(objectKey, bytes, { contentType: contentTypeOf(format), signal }),
  );
  return { objectKey, format, bytes: bytes.length };
}

/** @throws TwirpError not_found when there is no such user */
async function findEarlier(pool: Pool, userId: string, id: string): Promise<StoredRow | undefined> {
  const { rows } = await pool.query<StoredRow>(SELECT_USER_AND_CONVERSION, [userId, id]);
  if (rows[0] === undefined) {
    throw userNotFound();
  }
  // The columns of a conversion that does not exist are null.
  return rows[0].content_hash === null ? undefined : rows[0];
}

/** The conversion as the first call answered it: pending. */
function repeatedConversion(row: StoredRow, asked: Buffer): Conversion {
  assertSameContent(row.content_hash, asked);
  const conversion = conversionFromRow(row);
  return { ...conversion, status: "pending", endedAt: null, pdf: undefined, failure: undefined };
}
