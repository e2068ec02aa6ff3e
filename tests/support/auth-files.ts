import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuthFiles, createAuthFiles } from "../../deploy/local/auth/create-auth-files";

/**
 * Makes the keys of all services in a directory of their own.
 *
 * @param onStop is told how to remove them
 */
export async function createTestAuthFiles(
  onStop: (name: string, stop: () => Promise<void>) => void,
): Promise<AuthFiles> {
  const directory = await mkdtemp(join(tmpdir(), "mcsv-auth-"));
  onStop("keys", () => rm(directory, { recursive: true, force: true }));
  return createAuthFiles(directory);
}
