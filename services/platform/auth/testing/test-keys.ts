import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JWK, type JWTPayload, SignJWT } from "jose";
import { onTestFinished } from "vitest";

/** A key of an issuer. */
export interface TestKey {
  readonly kid: string;
  readonly key: KeyObject;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
}

/** Makes a random Ed25519 key. */
export function makeKey(kid: string): TestKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { x = "", d = "" } = privateKey.export({ format: "jwk" });
  const publicJwk: JWK = { kty: "OKP", crv: "Ed25519", x, kid };
  return { kid, key: privateKey, publicJwk, privateJwk: { ...publicJwk, d } };
}

/** A file with some JSON, until the test is over. */
export function jsonFile(content: unknown): { readonly path: string; write(content: unknown): void } {
  const directory = mkdtempSync(join(tmpdir(), "mcsv-keys-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "keys.json");
  const write = (json: unknown): void => writeFileSync(path, typeof json === "string" ? json : JSON.stringify(json));
  write(content);
  return { path, write };
}

/** The content of a file of public keys. */
export function publicKeys(issuers: Readonly<Record<string, readonly TestKey[]>>): object {
  const entries = Object.entries(issuers).map(([issuer, keys]) => [issuer, { keys: keys.map((key) => key.publicJwk) }]);
  return { issuers: Object.fromEntries(entries) };
}

/** Signs claims as they are, right or wrong. */
export function sign(key: TestKey, claims: JWTPayload): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", kid: key.kid }).sign(key.key);
}
