import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./errors";

/**
 * Finds the API key that the CLI calls with: MCSV_API_KEY, else the one that the local stack of this checkout made.
 *
 * @returns undefined when there is neither; the services then answer `unauthenticated`.
 * @throws UsageError when MCSV_API_KEY is no API key. The message does not repeat it.
 */
export function resolveApiKey(env: NodeJS.ProcessEnv, projectDirectory: string): string | undefined {
  const given = env["MCSV_API_KEY"];
  if (given !== undefined && given !== "") {
    if (!/^mcsv_[\w-]{43}$/.test(given)) {
      throw new UsageError('MCSV_API_KEY is not an API key: "mcsv_" and 43 letters, digits, hyphens or underscores');
    }
    return given;
  }
  try {
    return readFileSync(join(projectDirectory, ".local", "auth", "api-key"), "utf8").trim();
  } catch {
    // No stack was started in this checkout.
    return undefined;
  }
}
