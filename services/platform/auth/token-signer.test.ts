import { decodeJwt, decodeProtectedHeader } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { KeyFile } from "./key-file";
import { parsePublicKeys, parseSigningKey } from "./key-schemas";
import { jsonFile, makeKey, publicKeys } from "./testing/test-keys";
import { TokenSigner } from "./token-signer";
import { TokenVerifier } from "./token-verifier";

const NOW = 1_800_000_000;
const USER_ID = "6f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10";
let clock: { seconds: number };
const now = () => new Date(clock.seconds * 1000);

beforeEach(() => {
  clock = { seconds: NOW };
});

const keyFile = <T>(path: string, parse: (json: unknown) => T) =>
  KeyFile.open({ path, env: "KEYS", parse, logger: recordLog().logger, now: () => clock.seconds * 1000 });

async function signerOf(issuer: string, file: { path: string }): Promise<TokenSigner> {
  const key = await keyFile(file.path, parseSigningKey);
  return new TokenSigner({ issuer, key, ttlSeconds: 300, now });
}

describe("the token of a service", () => {
  it("names it, whom it calls, and lives as long as it is told; the called service takes it", async () => {
    const key = makeKey("job-1");
    const signer = await signerOf("job", jsonFile({ keys: [key.privateJwk] }));
    const authorization = await signer.authorizationFor("email");
    const token = authorization.replace(/^Bearer /, "");
    expect(decodeProtectedHeader(token)).toEqual({ alg: "EdDSA", kid: "job-1" });
    expect(decodeJwt(token)).toEqual({
      iss: "job",
      sub: "job",
      aud: "email",
      role: "service",
      iat: NOW,
      exp: NOW + 300,
    });
    const keys = await keyFile(jsonFile(publicKeys({ job: [key] })).path, parsePublicKeys);
    const verifier = new TokenVerifier({ audience: "email", keys, clockToleranceSeconds: 0, now });
    expect(await verifier.verify(token)).toEqual({ role: "service", name: "job" });
  });

  it("is the same for four fifths of its life, and one for each service called", async () => {
    const signer = await signerOf("job", jsonFile({ keys: [makeKey("job-1").privateJwk] }));
    const first = await signer.authorizationFor("email");
    expect(await signer.authorizationFor("image")).not.toBe(first);
    clock.seconds = NOW + 239;
    expect(await signer.authorizationFor("email")).toBe(first);
    clock.seconds = NOW + 240;
    const second = await signer.authorizationFor("email");
    expect(decodeJwt(second.replace(/^Bearer /, "")).exp).toBe(NOW + 540);
  });

  it("is signed with the first key, and with a new first one soon after it is there", async () => {
    const [old, next] = [makeKey("job-1"), makeKey("job-2")];
    const file = jsonFile({ keys: [old.privateJwk, next.privateJwk] });
    const signer = await signerOf("job", file);
    expect(decodeProtectedHeader((await signer.authorizationFor("email")).slice(7)).kid).toBe("job-1");
    file.write({ keys: [next.privateJwk] });
    clock.seconds += 10;
    expect(decodeProtectedHeader((await signer.authorizationFor("email")).slice(7)).kid).toBe("job-2");
  });
});

describe("the token of a user", () => {
  it("is for the user and the job service, and tells when it expires", async () => {
    const signer = await signerOf("user", jsonFile({ keys: [makeKey("user-1").privateJwk] }));
    const { token, expiresAt } = await signer.userToken(USER_ID);
    expect(expiresAt).toEqual(new Date((NOW + 300) * 1000));
    expect(decodeJwt(token)).toMatchObject({ iss: "user", sub: USER_ID, aud: ["user", "job"], role: "user" });
  });

  it("comes from the user service only", async () => {
    const signer = await signerOf("job", jsonFile({ keys: [makeKey("job-1").privateJwk] }));
    await expect(signer.userToken(USER_ID)).rejects.toThrow(TypeError);
  });
});
