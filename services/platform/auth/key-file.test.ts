import { describe, expect, it } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { KeyFile } from "./key-file";
import { parseApiKeys, parsePublicKeys, parseSigningKey } from "./key-schemas";
import { jsonFile, makeKey } from "./testing/test-keys";

const one = makeKey("one");
const SHA256 = "0".repeat(64);

function open<T>(path: string, parse: (json: unknown) => T) {
  const clock = { ms: 0 };
  const { logger, lines } = recordLog();
  const opened = KeyFile.open({ path, env: "AUTH_SOME_FILE", parse, logger, now: () => clock.ms });
  return { clock, lines, opened };
}

describe("opening a file of keys", () => {
  it.each([
    ["is no JSON", "{ secret", parsePublicKeys, "it is no JSON"],
    ["is something else", { keys: [] }, parsePublicKeys, "issuers: "],
    ["has an issuer without keys", { issuers: { job: { keys: [] } } }, parsePublicKeys, "issuers.job.keys: "],
    [
      "has a private key among the public ones",
      { issuers: { job: { keys: [one.privateJwk] } } },
      parsePublicKeys,
      "issuers.job.keys[0].d: must not be here",
    ],
    [
      "has a key twice",
      { issuers: { job: { keys: [one.publicJwk, one.publicJwk] } } },
      parsePublicKeys,
      "two keys of the issuer job have the same kid",
    ],
    [
      "has a key of another kind",
      { issuers: { job: { keys: [{ ...one.publicJwk, crv: "P-256" }] } } },
      parsePublicKeys,
      "crv",
    ],
    ["has a public key where a private one must be", { keys: [one.publicJwk] }, parseSigningKey, "keys[0].d: "],
    [
      "has halves that do not belong together",
      { keys: [{ ...one.privateJwk, x: makeKey("two").publicJwk["x"] }] },
      parseSigningKey,
      "do not belong together",
    ],
    [
      "has an API key instead of its hash",
      { applications: [{ name: "web", sha256: "mcsv_x" }] },
      parseApiKeys,
      "sha256: must be",
    ],
    [
      "has an application with a strange name",
      { applications: [{ name: "a b", sha256: SHA256 }] },
      parseApiKeys,
      "name: must be",
    ],
  ])("fails when it %s, and says so without showing a key", async (_what, content, parse, message) => {
    const { opened } = open<unknown>(jsonFile(content).path, parse);
    const error = await opened.then(String, (failure: Error) => failure.message);
    expect(error).toMatch(/^AUTH_SOME_FILE: .*keys\.json cannot be used: /);
    expect(error).toContain(message);
    expect(error).not.toContain(String(one.privateJwk["d"]));
    expect(error).not.toContain("secret");
  });

  it("fails when there is none", async () => {
    await expect(open("/nowhere/keys.json", parseApiKeys).opened).rejects.toThrow(/AUTH_SOME_FILE: .*ENOENT/);
  });
});

describe("a file of keys in use", () => {
  const content = (...names: string[]) => ({ applications: names.map((name) => ({ name, sha256: SHA256 })) });
  const names = async (file: KeyFile<ReturnType<typeof parseApiKeys>>) =>
    (await file.current()).map(({ name }) => name);

  it("is looked at again once ten seconds have passed", async () => {
    const source = jsonFile(content("a"));
    const { clock, opened } = open(source.path, parseApiKeys);
    const file = await opened;
    source.write(content("a", "b"));
    clock.ms = 9_999;
    expect(await names(file)).toEqual(["a"]);
    clock.ms = 10_000;
    expect(await names(file)).toEqual(["a", "b"]);
  });

  it("gives the same object as long as it does not change", async () => {
    const { clock, opened } = open(jsonFile(content("a")).path, parseApiKeys);
    const file = await opened;
    const before = await file.current();
    clock.ms = 60_000;
    expect(await file.current()).toBe(before);
  });

  it("is searched at once, and then not more often than every ten seconds", async () => {
    const source = jsonFile(content("a"));
    const { clock, opened } = open(source.path, parseApiKeys);
    const file = await opened;
    source.write(content("b"));
    expect((await file.search())[0]?.name).toBe("b");
    source.write(content("c"));
    clock.ms = 9_999;
    expect((await file.search())[0]?.name).toBe("b");
    clock.ms = 10_000;
    expect((await file.search())[0]?.name).toBe("c");
  });

  it("keeps what it held when it breaks, and says so in the log", async () => {
    const source = jsonFile(content("a"));
    const { clock, lines, opened } = open(source.path, parseApiKeys);
    const file = await opened;
    source.write("{ broken");
    clock.ms = 10_000;
    expect(await names(file)).toEqual(["a"]);
    expect(lines.join()).toContain("keys cannot be read again");
    expect(lines.join()).not.toContain("broken");
    source.write(content("b"));
    clock.ms = 20_000;
    expect(await names(file)).toEqual(["b"]);
  });
});
