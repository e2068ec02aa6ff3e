import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * A stamp of programs' files that changes when one of them is built anew, added or removed.
 *
 * @param paths files and directories; those that do not exist count too.
 */
export function codeStamp(paths: readonly string[]): string {
  let newestMs = 0;
  let files = 0;
  for (const path of paths.flatMap(filesBelow)) {
    newestMs = Math.max(newestMs, statSync(path).mtimeMs);
    files += 1;
  }
  return `${files} files, newest ${Math.round(newestMs)}`;
}

function filesBelow(path: string): string[] {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return [];
  if (!info.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
