import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";

// The three kinds of key files. Keys are Ed25519 keys as JSON Web Keys (RFC 7517, RFC 8037).

const KEY_BYTES = /^[A-Za-z0-9_-]{43}$/;

const jwk = {
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  kid: z.string().min(1).max(200),
  alg: z.literal("EdDSA").optional(),
  use: z.literal("sig").optional(),
  x: z.string().regex(KEY_BYTES, "must be 32 bytes in base64url"),
};

const publicKey = z.object({ ...jwk, d: z.undefined("must not be here: a public key has no private part").optional() });
const privateKey = z.object({ ...jwk, d: z.string().regex(KEY_BYTES, "must be 32 bytes in base64url") });

const publicKeysFile = z.object({
  issuers: z.record(z.string().min(1), z.object({ keys: z.array(publicKey).min(1) })),
});
const privateKeysFile = z.object({ keys: z.array(privateKey).min(1) });
const apiKeysFile = z.object({
  applications: z.array(
    z.object({
      name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be 1 to 63 lower-case letters, digits and hyphens"),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in 64 lower-case hexadecimal digits"),
    }),
  ),
});

/** Public keys by issuer, and there by key id. */
export type TrustedKeys = ReadonlyMap<string, ReadonlyMap<string, KeyObject>>;

/**
 * Reads `{ "issuers": { "user": { "keys": [jwk, …] }, … } }`.
 *
 * @throws Error when it is something else, has a private key in it, or a key id twice
 */
export function parsePublicKeys(json: unknown): TrustedKeys {
  const { issuers } = publicKeysFile.parse(json);
  return new Map(
    Object.entries(issuers).map(([issuer, { keys }]) => {
      const byId = new Map(
        keys.map(({ kid, kty, crv, x }) => [kid, createPublicKey({ key: { kty, crv, x }, format: "jwk" })]),
      );
      if (byId.size < keys.length) {
        throw new Error(`two keys of the issuer ${issuer} have the same kid`);
      }
      return [issuer, byId];
    }),
  );
}

/** A key that signs. */
export interface SigningKey {
  readonly kid: string;
  readonly key: KeyObject;
}

/**
 * Reads `{ "keys": [jwk, …] }` and returns the first, which signs.
 *
 * @throws Error when it is something else, or its two halves do not belong together
 */
export function parseSigningKey(json: unknown): SigningKey {
  const [first] = privateKeysFile.parse(json).keys;
  if (first === undefined) {
    throw new Error("it has no key");
  }
  const { kid, kty, crv, x, d } = first;
  const key = createPrivateKey({ key: { kty, crv, x, d }, format: "jwk" });
  if (createPublicKey(key).export({ format: "jwk" }).x !== x) {
    throw new Error(`the halves x and d of the key ${kid} do not belong together`);
  }
  return { kid, key };
}

/** An application, and the SHA-256 of its API key. */
export interface KnownApplication {
  readonly name: string;
  readonly sha256: Buffer;
}

/**
 * Reads `{ "applications": [{ "name": …, "sha256": … }] }`. An application that changes its key is there twice for a while.
 *
 * @throws Error when it is something else
 */
export function parseApiKeys(json: unknown): readonly KnownApplication[] {
  return apiKeysFile.parse(json).applications.map(({ name, sha256 }) => ({ name, sha256: Buffer.from(sha256, "hex") }));
}
