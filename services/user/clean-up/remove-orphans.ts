import type { Pool } from "pg";
import { isUuid } from "../../platform/ids/deterministic-id";
import type { ListedObject } from "../../platform/object-store/object-store";
import type { RemoveDependencies, Retention } from "./remove-expired";

/** What an orphan is, beside that no row needs it. */
export interface OrphanOptions extends Pick<Retention, "pdfMs"> {
  /** Age that an object must have: younger ones may belong to a row that is being written. */
  graceMs: number;
}

interface Kind {
  prefix: string;
  /** What of a key the statement asks for; undefined for a key that is none of ours. */
  reference: (key: string) => string | undefined;
  /** Of the references $1, those that a row needs. */
  needed: string;
}

const KINDS: readonly Kind[] = [
  {
    prefix: "uploads/",
    reference: (key) => uuidIn(/^uploads\/([^/]+)$/, key),
    needed: "SELECT id AS reference FROM uploads WHERE id = ANY($1::uuid[])",
  },
  {
    prefix: "images/",
    reference: (key) => (/^images\/[0-9a-f-]{36}\/[0-9a-f]{64}$/.test(key) ? key : undefined),
    needed: "SELECT source_key AS reference FROM conversions WHERE source_key = ANY($1) AND source_removed_at IS NULL",
  },
  {
    prefix: "pdf/",
    reference: (key) => uuidIn(/^pdf\/([^/]+)\.pdf$/, key),
    // A PDF of a conversion that failed is one whose callback has not come, or that was cancelled half-way.
    needed: `SELECT job_id AS reference FROM conversions
              WHERE job_id = ANY($1::uuid[]) AND pdf_removed_at IS NULL
                AND (status <> 'failed' OR ended_at >= now() - $2 * interval '1 millisecond')`,
  },
];

const BATCH = 500;

/**
 * Removes objects that no row needs: a crash between the object and its row, or between the row's end and the object's, leaves
 * them. Objects with other keys than this service gives are left alone.
 *
 * @returns number of objects, and of uploads in parts that nobody ended
 */
export async function removeOrphans(
  dependencies: RemoveDependencies,
  { graceMs, pdfMs }: OrphanOptions,
  signal: AbortSignal,
): Promise<number> {
  const { pool, objectStore } = dependencies;
  const before = new Date(Date.now() - graceMs);
  let removed = 0;
  for (const kind of KINDS) {
    for await (const batch of oldObjects(objectStore.list(kind.prefix), before)) {
      signal.throwIfAborted();
      for (const key of await orphansAmong(pool, kind, batch, pdfMs)) {
        await objectStore.delete(key);
        removed++;
      }
    }
    removed += await objectStore.abortUploads({ prefix: kind.prefix, startedBefore: before });
  }
  return removed;
}

async function orphansAmong(pool: Pool, kind: Kind, keys: readonly string[], pdfMs: number): Promise<string[]> {
  const byReference = new Map<string, string>();
  for (const key of keys) {
    const reference = kind.reference(key);
    if (reference !== undefined) {
      byReference.set(reference, key);
    }
  }
  const parameters = kind.needed.includes("$2") ? [[...byReference.keys()], pdfMs] : [[...byReference.keys()]];
  const { rows } = await pool.query<{ reference: string }>(kind.needed, parameters);
  for (const { reference } of rows) {
    byReference.delete(reference);
  }
  return [...byReference.values()];
}

async function* oldObjects(objects: AsyncIterable<ListedObject>, before: Date): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const { key, lastModified } of objects) {
    if (lastModified < before) {
      batch.push(key);
    }
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

/** In lower case, as Postgres has it. Keys are made with such ids; one in upper case is not ours. */
function uuidIn(pattern: RegExp, key: string): string | undefined {
  const id = pattern.exec(key)?.[1] ?? "";
  return isUuid(id) && id === id.toLowerCase() ? id : undefined;
}
