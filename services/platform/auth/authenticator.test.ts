import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { createAuthenticator } from "./authenticator";
import { KeyFile } from "./key-file";
import { parseApiKeys } from "./key-schemas";
import { jsonFile } from "./testing/test-keys";

const KEY = `mcsv_${"a".repeat(43)}`;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** An authenticator that takes the token "good.to.ken" beside API keys. */
async function authenticator(applications: readonly { name: string; sha256: string }[]) {
  const source = jsonFile({ applications });
  const { logger } = recordLog();
  const file = await KeyFile.open({ path: source.path, env: "AUTH_API_KEYS_FILE", parse: parseApiKeys, logger });
  const verifier = {
    verify: (token: string) =>
      token === "good.to.ken"
        ? Promise.resolve({ role: "service", name: "job" } as const)
        : Promise.reject(new Error(`asked about ${token}`)),
  };
  return { ...createAuthenticator(verifier, file), withoutKeys: createAuthenticator(verifier), source };
}

describe("the authorization header", () => {
  it.each(["Bearer", "bearer", "BEARER", "Bearer  "])("may say %j", async (scheme) => {
    const { authenticate } = await authenticator([]);
    expect(await authenticate(`${scheme} good.to.ken`)).toEqual({ role: "service", name: "job" });
  });

  it.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "good.to.ken",
    "Basic good.to.ken",
    "Bearer good.to.ken more",
    "Bearer a,b",
    "Bearer \u00e9",
  ])("is refused when it is %j", async (header) => {
    const { authenticate } = await authenticator([]);
    await expect(authenticate(header)).rejects.toMatchObject({ name: "CredentialError" });
  });
});

describe("an API key", () => {
  it("proves which application calls", async () => {
    const { authenticate } = await authenticator([
      { name: "web", sha256: sha256("mcsv_other") },
      { name: "cli", sha256: sha256(KEY) },
    ]);
    expect(await authenticate(`Bearer ${KEY}`)).toEqual({ role: "application", name: "cli" });
  });

  it.each([
    `${KEY.slice(0, -1)}b`,
    KEY.slice(0, -1),
    `${KEY}a`,
    KEY.toUpperCase().replace("MCSV", "mcsv"),
    "mcsv_",
    sha256(KEY),
  ])("is refused when it is %s", async (wrong) => {
    const { authenticate } = await authenticator([{ name: "cli", sha256: sha256(KEY) }]);
    await expect(authenticate(`Bearer ${wrong}`)).rejects.toThrow();
  });

  it("is replaced with two good ones for a while, and found at once", async () => {
    const { authenticate, source } = await authenticator([{ name: "cli", sha256: sha256(KEY) }]);
    const next = `mcsv_${"b".repeat(43)}`;
    source.write({ applications: [KEY, next].map((key) => ({ name: "cli", sha256: sha256(key) })) });
    expect(await authenticate(`Bearer ${next}`)).toMatchObject({ name: "cli" });
    expect(await authenticate(`Bearer ${KEY}`)).toMatchObject({ name: "cli" });
  });

  it("is worth nothing at a service that takes none", async () => {
    const { withoutKeys } = await authenticator([{ name: "cli", sha256: sha256(KEY) }]);
    await expect(withoutKeys.authenticate(`Bearer ${KEY}`)).rejects.toThrow("API keys are not taken here");
  });
});
