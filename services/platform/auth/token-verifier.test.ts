import { createHmac } from "node:crypto";
import type { JWTPayload } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { KeyFile } from "./key-file";
import { parsePublicKeys } from "./key-schemas";
import { jsonFile, makeKey, publicKeys, sign, type TestKey } from "./testing/test-keys";
import { TokenVerifier } from "./token-verifier";

const NOW = 1_800_000_000;
const USER_ID = "6f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10";
const TOLERANCE = 30;

let userKey: TestKey;
let jobKey: TestKey;
let clock: { seconds: number };
let file: ReturnType<typeof jsonFile>;
let verifier: TokenVerifier;

beforeEach(async () => {
  userKey = makeKey("user-1");
  jobKey = makeKey("job-1");
  clock = { seconds: NOW };
  file = jsonFile(publicKeys({ user: [userKey], job: [jobKey] }));
  const keys = await KeyFile.open({
    path: file.path,
    env: "AUTH_PUBLIC_KEYS_FILE",
    parse: parsePublicKeys,
    logger: recordLog().logger,
    now: () => clock.seconds * 1000,
  });
  const now = () => new Date(clock.seconds * 1000);
  verifier = new TokenVerifier({ audience: "job", keys, clockToleranceSeconds: TOLERANCE, now });
});

/** Claims of a good token of the user service for the job service. */
function claims(different: JWTPayload = {}): JWTPayload {
  return { iss: "user", sub: "user", aud: "job", role: "service", iat: NOW, exp: NOW + 300, ...different };
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a token that is good", () => {
  it("proves which service calls", async () => {
    expect(await verifier.verify(await sign(userKey, claims()))).toEqual({ role: "service", name: "user" });
    const ofJob = await sign(jobKey, claims({ iss: "job", sub: "job" }));
    expect(await verifier.verify(ofJob)).toEqual({ role: "service", name: "job" });
  });

  it("proves which user calls, when the user service says so", async () => {
    const token = await sign(userKey, claims({ role: "user", sub: USER_ID.toUpperCase(), aud: ["user", "job"] }));
    expect(await verifier.verify(token)).toEqual({ role: "user", userId: USER_ID });
  });

  it.each([
    ["issued within the tolerance in the future", { iat: NOW + TOLERANCE, exp: NOW + 300 }],
    ["expired within the tolerance", { iat: NOW - 300, exp: NOW - TOLERANCE + 1 }],
    ["not valid before a time within the tolerance", { nbf: NOW + TOLERANCE }],
  ])("may be %s, since clocks differ", async (_what, times) => {
    await expect(verifier.verify(await sign(userKey, claims(times)))).resolves.toMatchObject({ name: "user" });
  });
});

describe("a token is refused that", () => {
  it.each<[string, JWTPayload]>([
    ["has expired", { iat: NOW - 400, exp: NOW - TOLERANCE }],
    ["was issued beyond the tolerance in the future", { iat: NOW + TOLERANCE + 1, exp: NOW + 300 }],
    ["is not valid yet", { nbf: NOW + TOLERANCE + 1 }],
    ["lives longer than an hour", { exp: NOW + 3_601 }],
    ["is for another service", { aud: "email" }],
    ["is for several others", { aud: ["email", "jobs"] }],
    ["is of an issuer that this service does not admit", { iss: "email", sub: "email" }],
    ["says that it is of another issuer than the one whose key signed it", { iss: "job", sub: "job" }],
    ["says that its issuer is somebody else", { sub: "job" }],
    ["has a role that does not exist", { role: "admin" }],
    ["names a user who is no UUID", { role: "user", sub: "user" }],
    ["has an issuer that is an object's own property", { iss: "constructor", sub: "constructor" }],
  ])("%s", async (_what, different) => {
    await expect(verifier.verify(await sign(userKey, claims(different)))).rejects.toThrow("the ");
    await expect(verifier.verify(await sign(userKey, claims(different)))).rejects.toMatchObject({
      name: "CredentialError",
    });
  });

  it.each(["iss", "sub", "aud", "iat", "exp", "role"])("lacks %s", async (claim) => {
    const { [claim]: _missing, ...rest } = claims();
    await expect(verifier.verify(await sign(userKey, rest))).rejects.toMatchObject({ name: "CredentialError" });
  });

  it("the job service signed for a user", async () => {
    const token = await sign(jobKey, claims({ iss: "job", role: "user", sub: USER_ID }));
    await expect(verifier.verify(token)).rejects.toThrow(/may not say/);
  });

  it("names a key that its issuer does not have", async () => {
    await expect(verifier.verify(await sign(makeKey("user-2"), claims()))).rejects.toThrow(/user-2.*is unknown/);
    const ofJob = await sign(jobKey, claims());
    await expect(verifier.verify(ofJob)).rejects.toThrow(/job-1.*is unknown/);
  });

  it("is signed with another key of the same id", async () => {
    const impostor = { ...makeKey("user-1") };
    await expect(verifier.verify(await sign(impostor, claims()))).rejects.toThrow(/SIGNATURE/);
  });

  it.each([
    ["none", ""],
    ["None", ""],
    ["HS256", "hmac"],
    ["RS256", "hmac"],
    ["Ed25519", "hmac"],
  ])("has the algorithm %s", async (alg, signature) => {
    const signed = `${base64url({ alg, kid: "user-1" })}.${base64url(claims())}`;
    // What a library would check that takes the algorithm from the token, and the public key for a secret.
    const secret = Buffer.from(String(userKey.publicJwk["x"]), "base64url");
    const mac = signature === "" ? "" : createHmac("sha256", secret).update(signed).digest("base64url");
    await expect(verifier.verify(`${signed}.${mac}`)).rejects.toThrow(/ALG/);
  });

  it("brings its own key", async () => {
    const mine = makeKey("user-1");
    const header = {
      alg: "EdDSA",
      kid: "user-1",
      jwk: mine.publicJwk,
      jku: "http://127.0.0.1:1/keys",
      x5u: "http://x",
    };
    const [, payload, signature] = (await sign(mine, claims())).split(".");
    await expect(verifier.verify(`${base64url(header)}.${payload}.${signature}`)).rejects.toThrow(/SIGNATURE/);
  });

  it("was tampered with, in any part", async () => {
    const token = await sign(userKey, claims());
    const [header = "", payload = "", signature = ""] = token.split(".");
    const forged = base64url(claims({ sub: USER_ID, role: "user" }));
    const flipped = Buffer.from(signature, "base64url");
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    for (const broken of [
      `${header}.${forged}.${signature}`,
      `${base64url({ alg: "EdDSA", kid: "job-1" })}.${payload}.${signature}`,
      `${header}.${payload}.${flipped.toString("base64url")}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}.${signature}`,
      "...",
      "",
      "x".repeat(5_000),
    ]) {
      await expect(verifier.verify(broken), broken).rejects.toMatchObject({ name: "CredentialError" });
    }
    // The good one has not been mistaken for any of them.
    await expect(verifier.verify(token)).resolves.toMatchObject({ name: "user" });
  });
});

describe("keys are replaced without a restart", () => {
  it("with the old and the new one good at once, and the old one refused once it is gone", async () => {
    const next = makeKey("user-2");
    const oldToken = await sign(userKey, claims());
    const newToken = await sign(next, claims());
    await verifier.verify(oldToken);
    await expect(verifier.verify(newToken)).rejects.toMatchObject({ name: "CredentialError" });

    file.write(publicKeys({ user: [userKey, next], job: [jobKey] }));
    clock.seconds += 10;
    await verifier.verify(newToken);
    await verifier.verify(oldToken);

    file.write(publicKeys({ user: [next], job: [jobKey] }));
    clock.seconds += 10;
    await expect(verifier.verify(oldToken)).rejects.toThrow(/user-1.*is unknown/);
    await verifier.verify(newToken);
  });

  it("and a new one is found at once, though the file was looked at a moment ago", async () => {
    await verifier.verify(await sign(userKey, claims()));
    const next = makeKey("user-2");
    file.write(publicKeys({ user: [userKey, next] }));
    await expect(verifier.verify(await sign(next, claims()))).resolves.toMatchObject({ name: "user" });
  });
});

describe("a token that was found good", () => {
  it("is not good any more when it expires, though it was remembered", async () => {
    const token = await sign(userKey, claims());
    await verifier.verify(token);
    clock.seconds = NOW + 300 + TOLERANCE - 1;
    await verifier.verify(token);
    clock.seconds = NOW + 300 + TOLERANCE;
    await expect(verifier.verify(token)).rejects.toMatchObject({ name: "CredentialError" });
  });

  it("costs a fraction of the first time when it comes again", async () => {
    const tokens = await Promise.all(
      Array.from({ length: 200 }, (_, index) => sign(userKey, claims({ jti: String(index) }))),
    );
    const time = async (): Promise<number> => {
      const start = performance.now();
      for (const token of tokens) await verifier.verify(token);
      return performance.now() - start;
    };
    const first = await time();
    expect(await time()).toBeLessThan(first / 2);
  });
});
