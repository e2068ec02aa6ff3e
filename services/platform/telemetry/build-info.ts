import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** What was built. */
export interface BuildInfo {
  /** Version of package.json. */
  readonly version: string;
  /** Commit that it was built from; "unknown" outside a git checkout. */
  readonly revision: string;
}

const buildInfo = z.object({ version: z.string(), revision: z.string() });

/**
 * Reads what the build wrote down about itself.
 *
 * @throws when the program was not built by deploy/local/build.sh
 */
export function readBuildInfo(): BuildInfo {
  return buildInfo.parse(JSON.parse(readFileSync(join(__dirname, "../../../build-info.json"), "utf8")));
}
