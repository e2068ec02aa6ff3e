import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { createAuthFiles } from "../../local/auth/create-auth-files";
import { readJson } from "../../local/processes/run-directory";
import { writeJsonAtomically } from "../../local/processes/write-json";
import { readOrCreateCredentials } from "../../local/stack/credentials";
import { stackLayout } from "../../local/stack/stack-layout";
import { keyFiles, SECRETS_OF_PEOPLE, secretTexts } from "./secret-texts";

const containerSecrets = z.object({
  postgresPassword: z.string(),
  grafanaPassword: z.string(),
  tempoSecret: z.string(),
  lokiSecret: z.string(),
});

/**
 * Makes the secret files of the containers, random at the first call and the same ever after. Keys of services and callers
 * are those of the local stack: the CLI calls either with the same API key.
 *
 * The directory is closed to other users of the machine (0700). The files in it are not (0444): a container gets one as it
 * is, and reads it as a user of its own.
 *
 * @param directory `.local` of the checkout.
 * @returns whether the passwords are new: no database can know them yet.
 */
export async function createSecrets(directory: string): Promise<{ readonly isNew: boolean }> {
  const layout = stackLayout(directory);
  const target = secretsDirectory(directory);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  chmodSync(target, 0o700);

  const file = credentialsFile(directory);
  const known = readJson(file, containerSecrets);
  const random = () => randomBytes(18).toString("hex");
  const own = known ?? {
    postgresPassword: random(),
    grafanaPassword: random(),
    tempoSecret: random(),
    lokiSecret: random(),
  };
  if (known === undefined) writeJsonAtomically(file, own);

  const texts = secretTexts({ ...readOrCreateCredentials(layout.credentialsFile), ...own });
  for (const [name, text] of texts) writeSecret(join(target, name), text);
  for (const name of SECRETS_OF_PEOPLE) {
    if (!existsSync(join(target, name))) writeSecret(join(target, name), "");
  }
  await createAuthFiles(layout.auth);
  for (const [name, source] of keyFiles()) {
    writeSecret(join(target, name), readFileSync(join(layout.auth, source), "utf8"));
  }
  return { isNew: known === undefined };
}

/** Whether this checkout has made secrets, and so may have volumes that know them. */
export function hasSecrets(directory: string): boolean {
  return existsSync(credentialsFile(directory));
}

function credentialsFile(directory: string): string {
  return join(directory, "docker", "credentials.json");
}

/** Where the secret files are. */
export function secretsDirectory(directory: string): string {
  return join(directory, "docker", "secrets");
}

/** In place, as a container that runs sees the file itself, and not its name: it reads new keys without a restart. */
function writeSecret(path: string, text: string): void {
  if (existsSync(path)) {
    if (readFileSync(path, "utf8") === text) return;
    chmodSync(path, 0o600);
  }
  writeFileSync(path, text);
  chmodSync(path, 0o444);
}
