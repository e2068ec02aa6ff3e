import { copyFileSync, mkdirSync, openSync, statSync, truncateSync } from "node:fs";
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
