import { generateKeyPairSync } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import { z } from "zod";
import { writeJsonAtomically } from "../processes/write-json";
import { parseKeys, readKeys } from "./read-keys";
import { readOrCreate } from "./read-or-create";

const publicKey = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  kid: z.string(),
  alg: z.literal("EdDSA").optional(),
  use: z.literal("sig").optional(),
});

const privateKeySet = z.object({ keys: z.array(publicKey.extend({ d: z.string() })).min(1) });

const publicKeys = z.object({ issuers: z.record(z.string(), z.object({ keys: z.array(publicKey) })) });

/** A public key as a JSON Web Key (RFC 8037). */
export type PublicKey = z.infer<typeof publicKey>;

/** A private key as a JSON Web Key: the public one with its secret `d`. */
export type PrivateKey = PublicKey & { readonly d: string };

/** The private keys of a service, of which the first one signs; undefined when there is no file. */
export function readPrivateKeys(path: string): readonly PrivateKey[] | undefined {
  return readKeys(path, privateKeySet)?.keys;
}

/**
 * Stores the private keys of a service that has no file of them.
 *
 * @returns what is stored: something else when another process was faster
 */
export function storePrivateKeys(path: string, keys: readonly PrivateKey[]): readonly PrivateKey[] {
  const text = readOrCreate(path, () => `${JSON.stringify({ keys }, undefined, 2)}\n`);
  return parseKeys(path, text, privateKeySet).keys;
}

/**
 * Sees that a file of public keys has those of these issuers. What else it has stays: while a key is being replaced, the
 * old and the new one are both valid.
 */
export function admitKeys(path: string, issuers: ReadonlyMap<string, readonly PublicKey[]>): void {
  const known = readKeys(path, publicKeys)?.issuers ?? {};
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
export async function createKey(): Promise<PrivateKey> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { x, d } = z.object({ x: z.string(), d: z.string() }).parse(privateKey.export({ format: "jwk" }));
  const kid = await calculateJwkThumbprint({ kty: "OKP", crv: "Ed25519", x });
  return { kty: "OKP", crv: "Ed25519", x, d, kid, alg: "EdDSA", use: "sig" };
}

function publicHalf({ kty, crv, x, kid, alg, use }: PublicKey): PublicKey {
  return { kty, crv, x, kid, alg, use };
}
