import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SERVICES } from "../stack/components";
import { type AuthFiles, createAuthFiles } from "./create-auth-files";

let directory: string;
let auth: AuthFiles;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "mcsv-auth-"));
  auth = await createAuthFiles(directory);
});

afterEach(() => rmSync(directory, { recursive: true }));

function json<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(directory, ...path), "utf8")) as T;
}

function files(): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const paths = names.filter((name) => statSync(join(directory, name)).isFile());
  return Object.fromEntries(paths.map((name) => [name, readFileSync(join(directory, name), "utf8")]));
}

type PublicKeys = { issuers: Record<string, JSONWebKeySet> };

function verify(token: string, service: string, issuer: string) {
  const keys = json<PublicKeys>(service, "public-keys.json").issuers[issuer];
  if (keys === undefined) throw new Error(`${service} does not admit ${issuer}`);
  return jwtVerify(token, createLocalJWKSet(keys), { issuer, audience: service, algorithms: ["EdDSA"] });
}

describe("createAuthFiles", () => {
  it("gives a private key to those who call, and to each service the public keys of its callers only", () => {
    const issuers = Object.fromEntries(
      SERVICES.map((service) => [service, Object.keys(json<PublicKeys>(service, "public-keys.json").issuers)]),
    );
    expect(issuers).toEqual({
      client: ["user"],
      user: ["user", "job"],
      job: ["user", "job"],
      email: ["job"],
      image: ["job"],
    });
    expect(Object.keys(files()).filter((name) => name.endsWith("private-keys.json"))).toEqual([
      "job/private-keys.json",
      "user/private-keys.json",
    ]);
    expect(JSON.stringify(json("email", "public-keys.json"))).not.toContain('"d"');
  });

  it("names each service's files, in absolute paths that exist", () => {
    expect(Object.keys(auth.env("user"))).toEqual([
      "AUTH_PRIVATE_KEYS_FILE",
      "AUTH_PUBLIC_KEYS_FILE",
      "AUTH_API_KEYS_FILE",
    ]);
    expect(Object.keys(auth.env("image"))).toEqual(["AUTH_PUBLIC_KEYS_FILE"]);
    for (const path of SERVICES.flatMap((service) => Object.values(auth.env(service)))) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });

  it("stores a hash of the API key for the services, and the key itself for nobody but this user", () => {
    expect(auth.apiKey).toMatch(/^mcsv_[A-Za-z0-9_-]{43}$/);
    const sha256 = createHash("sha256").update(auth.apiKey).digest("hex");
    expect(json("api-keys.json")).toEqual({ applications: [{ name: "local", sha256 }] });
    expect(statSync(join(directory, "api-key")).mode & 0o777).toBe(0o600);
  });

  it("makes other keys for every stack", async () => {
    const other = mkdtempSync(join(tmpdir(), "mcsv-auth-"));
    expect((await createAuthFiles(other)).apiKey).not.toBe(auth.apiKey);
    rmSync(other, { recursive: true });
  });

  it("changes nothing the second time", async () => {
    const before = files();
    await createAuthFiles(directory);
    expect(files()).toEqual(before);
  });

  it("makes one set of keys when several processes start at once", async () => {
    rmSync(directory, { recursive: true });
    const made = await Promise.all(Array.from({ length: 8 }, () => createAuthFiles(directory)));
    expect(new Set(made.map(({ apiKey }) => apiKey)).size).toBe(1);
    for (const { serviceToken } of made) await verify(await serviceToken("job", "email"), "email", "job");
  });

  it("admits a new key beside the old one, so that tokens of both are valid", async () => {
    const oldToken = await auth.serviceToken("job", "email");
    rmSync(join(directory, "job", "private-keys.json"));
    const newToken = await (await createAuthFiles(directory)).serviceToken("job", "email");
    expect(decodeProtectedHeader(newToken).kid).not.toBe(decodeProtectedHeader(oldToken).kid);
    await verify(oldToken, "email", "job");
    await verify(newToken, "email", "job");
  });

  it.each(["api-keys.json", "email/public-keys.json", "job/private-keys.json"])(
    "leaves %s as it is when somebody broke it, and says so",
    async (file) => {
      writeFileSync(join(directory, file), '{"keys": [');
      await expect(createAuthFiles(directory)).rejects.toThrow(`${file} is no JSON: repair it`);
      expect(files()[file]).toBe('{"keys": [');
      writeFileSync(join(directory, file), '{"keys": {}}');
      await expect(createAuthFiles(directory)).rejects.toThrow(`${file} has not the form`);
    },
  );

  it("keeps applications that somebody added", async () => {
    const web = { name: "web", sha256: "0".repeat(64) };
    rmSync(join(directory, "api-key"));
    writeFileSync(join(directory, "api-keys.json"), JSON.stringify({ applications: [web] }));
    await createAuthFiles(directory);
    expect(json<{ applications: object[] }>("api-keys.json").applications).toEqual([
      expect.objectContaining({ name: "local" }),
      web,
    ]);
  });

  it("replaces the hash of an API key that was lost", async () => {
    rmSync(join(directory, "api-key"));
    const { apiKey } = await createAuthFiles(directory);
    const sha256 = createHash("sha256").update(apiKey).digest("hex");
    expect(json("api-keys.json")).toEqual({ applications: [{ name: "local", sha256 }] });
  });
});

describe("tokens", () => {
  it("of a service name it as issuer and subject, and are for one audience", async () => {
    const { payload, protectedHeader } = await verify(await auth.serviceToken("user", "client"), "client", "user");
    expect(payload).toMatchObject({ iss: "user", sub: "user", aud: "client", role: "service" });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    expect(protectedHeader).toEqual({ alg: "EdDSA", kid: expect.any(String) });
  });

  it("of a user are signed by the user service, for the user and the job service", async () => {
    const token = await auth.userToken("018f6d0e-0000-7000-8000-000000000001");
    for (const service of ["user", "job"]) {
      const { payload } = await verify(token, service, "user");
      expect(payload).toMatchObject({ sub: "018f6d0e-0000-7000-8000-000000000001", role: "user" });
    }
  });
});
