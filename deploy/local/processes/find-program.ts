import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of the first program on PATH that has one of these names; undefined where none is installed. */
export function findProgram(env: NodeJS.ProcessEnv, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const directory of (env["PATH"] ?? "").split(delimiter)) {
      const program = join(directory, name);
      try {
        accessSync(program, constants.X_OK);
        return program;
      } catch {
        // Not in this directory.
      }
    }
  }
  return undefined;
}
