import { Readable } from "node:stream";
import type { ObjectStore } from "../platform/object-store/object-store";

/** Larger outputs are sent in parts while they are made. */
const WHOLE_BYTES = 5 * 1024 * 1024;

/**
 * Stores what `output` yields when it has ended well, and nothing when it throws. A small output, which most are, is one
 * request; that takes half the processor time of an upload in parts.
 *
 * @returns the number of bytes stored
 * @throws what the output throws, or the store, or the signal's reason
 */
export async function storeOutput(
  store: Pick<ObjectStore, "putBytes" | "putStream">,
  key: string,
  output: AsyncIterable<Uint8Array>,
  options: Parameters<ObjectStore["putBytes"]>[2],
): Promise<number> {
  const iterator = output[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < WHOLE_BYTES) {
    const next = await iterator.next();
    if (next.done) {
      await store.putBytes(key, Buffer.concat(first, bytes), options);
      return bytes;
    }
    first.push(next.value);
    bytes += next.value.length;
  }
  const stored = await store.putStream(key, Readable.from(chain(first, iterator), { objectMode: false }), options);
  return stored.bytes;
}

async function* chain(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) {
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
