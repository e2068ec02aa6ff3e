import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { writeJsonAtomically } from "../processes/write-json";
import { readKeys } from "./read-keys";
import { readOrCreate } from "./read-or-create";

/** Name of the application that the stack's own API key belongs to: the command line and the people at this machine. */
export const LOCAL_APPLICATION = "local";

const apiKeys = z.object({ applications: z.array(z.object({ name: z.string(), sha256: z.string() })) });

/** The API key in a file of its own, as plain text; a random one is made when there is none. */
export function readOrCreateApiKey(path: string): string {
  return readOrCreate(path, () => `mcsv_${randomBytes(32).toString("base64url")}\n`).trim();
}

/** Sees that the file of the services, which has hashes only, knows the key. Other applications in it stay. */
export function admitApiKey(path: string, apiKey: string): void {
  const sha256 = createHash("sha256").update(apiKey).digest("hex");
  const applications = readKeys(path, apiKeys)?.applications ?? [];
  if (applications.some((known) => known.sha256 === sha256)) return;
  const others = applications.filter(({ name }) => name !== LOCAL_APPLICATION);
  writeJsonAtomically(path, { applications: [{ name: LOCAL_APPLICATION, sha256 }, ...others] });
}
