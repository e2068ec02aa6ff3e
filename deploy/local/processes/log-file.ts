import { closeSync, copyFileSync, fstatSync, mkdirSync, openSync, readSync, statSync, truncateSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Opens a log for a child process to write to. The child holds the file itself, in append mode, so it can go on
 * writing when its supervisor is gone, and after the file was rotated.
 */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, "a");
}

/**
 * Keeps a log and one former generation (`<path>.1`) of at most about `maxBytes` each, by copy and truncate: what is
 * written between the two steps is lost, which a log on a developer's machine can bear.
 */
export function rotateLog(path: string, maxBytes: number): void {
  try {
    if (statSync(path).size <= maxBytes) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
}

/**
 * The end of a log, of which only as much is read as may be needed.
 *
 * @param count how many lines at most.
 * @param offset where to begin, in bytes; after a rotation below it, at the start.
 * @returns no lines when there is no such log.
 */
export function lastLines(path: string, count: number, offset = 0): string[] {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return [];
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    const begin = Math.max(offset > size ? 0 : offset, size - count * 2_000);
    const buffer = Buffer.alloc(size - begin);
    readSync(descriptor, buffer, 0, buffer.length, begin);
    const text = buffer.toString().trimEnd();
    return text === "" ? [] : text.split("\n").slice(-count);
  } finally {
    closeSync(descriptor);
  }
}
