import { createHash, timingSafeEqual } from "node:crypto";
import type { Caller } from "./caller";
import { CredentialError } from "./credential-error";
import type { KeyFile } from "./key-file";
import type { KnownApplication } from "./key-schemas";

/** What tells an API key from a token. */
const API_KEY_PREFIX = "mcsv_";

/** Whether a bearer credential means to be an API key. */
export function looksLikeApiKey(credential: string): boolean {
  return credential.startsWith(API_KEY_PREFIX);
}

/**
 * The application that an API key belongs to. Its hash is compared with every known one, in constant time, so that the time of
 * an answer tells nothing of how near a guess was. The key is 32 random bytes: a plain SHA-256 of it cannot be searched through.
 *
 * @throws CredentialError when it belongs to none
 */
export async function applicationOf(apiKey: string, file: KeyFile<readonly KnownApplication[]>): Promise<Caller> {
  const hash = createHash("sha256").update(apiKey).digest();
  const name = find(hash, await file.current()) ?? find(hash, await file.search());
  if (name === undefined) {
    throw new CredentialError("the API key is unknown");
  }
  return { role: "application", name };
}

function find(hash: Buffer, applications: readonly KnownApplication[]): string | undefined {
  let found: string | undefined;
  for (const { name, sha256 } of applications) {
    if (timingSafeEqual(hash, sha256)) {
      found = name;
    }
  }
  return found;
}
