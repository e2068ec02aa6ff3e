import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the pacts are kept. */
export const PACTS_DIRECTORY = join(__dirname, "../pacts");

/** Who calls whom, and the pact of each pair. */
export const PAIRS = [
  ["cli", "job"],
  ["cli", "user"],
  ["job", "email"],
  ["job", "image"],
  ["job", "user"],
  ["user", "client"],
  ["user", "job"],
] as const;

/** Name of the file of a pact, as Pact names it. */
export function pactFileName(consumer: string, provider: string): string {
  return `${consumer}-${provider}.json`;
}

/** Path of the pact that is kept. */
export function committedPact(consumer: string, provider: string): string {
  return join(PACTS_DIRECTORY, pactFileName(consumer, provider));
}

interface PactFile {
  consumer: { name: string };
  provider: { name: string };
  interactions: { description: string; providerStates?: { name: string }[] }[];
  metadata: Record<string, unknown>;
}

/**
 * Brings a pact into the one form that is kept: interactions by description, and of the metadata only the version of
 * the format, so that a new version of Pact's library is no change of a contract.
 */
export function canonicalPact(text: string): string {
  const { consumer, provider, interactions, metadata } = JSON.parse(text) as PactFile;
  const sorted = [...interactions].sort((a, b) => (a.description < b.description ? -1 : 1));
  const { pactSpecification } = metadata;
  return `${JSON.stringify({ consumer, provider, interactions: sorted, metadata: { pactSpecification } }, undefined, 2)}\n`;
}

/** Names of the provider states that a pact's interactions begin in. */
export async function statesOf(file: string): Promise<string[]> {
  const { interactions } = JSON.parse(await readFile(file, "utf8")) as PactFile;
  return [...new Set(interactions.flatMap(({ providerStates = [] }) => providerStates.map(({ name }) => name)))];
}

/** The pact that is kept; empty when there is none. */
export async function readCommitted(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

/** Keeps a pact in the place of the one that was kept. */
export async function commit(file: string, pact: string): Promise<void> {
  await writeFile(file, pact);
}
