import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The root of the checkout, found from this file, which lies in deploy/ when tests run it and in dist/ otherwise.
 *
 * @throws Error when no package.json lies above this file.
 */
export function projectDirectory(): string {
  for (let directory = __dirname; directory !== dirname(directory); directory = dirname(directory)) {
    if (existsSync(join(directory, "package.json"))) return directory;
  }
  throw new Error(`no package.json above ${__dirname}`);
}
