import { generateKeyPairSync } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import { z } from "zod";
import { readJson } from "../processes/run-directory";
import { writeJsonAtomically } from "../processes/write-json";
import { readOrCreate } from "./read-or-create";

const publicKey = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  kid: z.string(),
  alg: z.literal("EdDSA"),
  use: z.literal("sig"),
});

const privateKeySet = z.object({ keys: z.array(publicKey.extend({ d: z.string() })).min(1) });

const publicKeys = z.object({ issuers: z.record(z.string(), z.object({ keys: z.array(publicKey) })) });

/** A public key as a JSON Web Key (RFC 8037). */
export type PublicKey = z.infer<typeof publicKey>;

/** A private key as a JSON Web Key: the public one with its secret `d`. */
export type PrivateKey = PublicKey & { readonly d: string };

/** The private keys of a service, of which the first one signs. One random key is made when there is no file yet. */
export async function readOrCreatePrivateKeys(path: string): Promise<readonly PrivateKey[]> {
  const created = await createKey();
  const text = readOrCreate(path, () => `${JSON.stringify({ keys: [created] }, undefined, 2)}\n`);
  return privateKeySet.parse(JSON.parse(text)).keys;
}

/**
 * Sees that a file of public keys has those of these issuers. What else it has stays: while a key is being replaced, the
 * old and the new one are both valid.
 */
export function admitKeys(path: string, issuers: ReadonlyMap<string, readonly PublicKey[]>): void {
  const known = readJson(path, publicKeys)?.issuers ?? {};
  let complete = true;
  for (const [issuer, keys] of issuers) {
    const admitted = known[issuer]?.keys ?? [];
    const missing = keys.filter(({ kid }) => !admitted.some((key) => key.kid === kid));
    if (missing.length === 0) continue;
    complete = false;
    known[issuer] = { keys: [...admitted, ...missing.map(publicHalf)] };
  }
  if (!complete) writeJsonAtomically(path, { issuers: known });
}

/** A random key. Its id is its thumbprint (RFC 7638), so no two keys share one. */
async function createKey(): Promise<PrivateKey> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { x, d } = z.object({ x: z.string(), d: z.string() }).parse(privateKey.export({ format: "jwk" }));
  const kid = await calculateJwkThumbprint({ kty: "OKP", crv: "Ed25519", x });
  return { kty: "OKP", crv: "Ed25519", x, d, kid, alg: "EdDSA", use: "sig" };
}

function publicHalf({ kty, crv, x, kid, alg, use }: PublicKey): PublicKey {
  return { kty, crv, x, kid, alg, use };
}
