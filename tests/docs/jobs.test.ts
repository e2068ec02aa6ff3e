import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TwirpErrorCode } from "twirp-ts";
import { describe, expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { fullForMs, isPermanent } from "../../services/platform/queue/failure";
import { twirpError } from "../../services/platform/twirp/errors";

const PAGE = read("docs/jobs.md");

describe("docs/jobs.md", () => {
  const promises = [...PAGE.matchAll(/^\| \*\*(?<promise>[^*]+?)\.?\*\* .* \| (?<tests>[^|]+) \|$/gm)].map((row) => ({
    promise: row.groups?.["promise"] ?? "",
    tests: [...(row.groups?.["tests"] ?? "").matchAll(/`([^`]+)` "([^"]+)"/g)],
  }));

  it("names a test for every promise", () => {
    expect(promises.length).toBeGreaterThanOrEqual(15);
    expect(promises.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  it.each(
    promises.flatMap(({ promise, tests }) => tests.map(([, file = "", title = ""]) => [promise, file, title] as const)),
  )("%s: %s has the test %j", (_, file, title) => {
    expect(existsSync(join(projectDirectory(), file))).toBe(true);
    expect(read(file)).toContain(`"${title}"`);
  });

  it("says of every Twirp code what becomes of the job", () => {
    const rows = [...PAGE.matchAll(/^\| `(\w+)` \| ([^|]+) \|$/gm)].map(([, code, consequence]) => [code, consequence]);
    expect(rows.sort()).toEqual(
      Object.values(TwirpErrorCode)
        .map((code) => [code, consequenceOf(code, false)])
        .sort(),
    );
  });

  const causes = [...PAGE.matchAll(/^\| `(\w+)` \| [^|]+ \| `(\w+)`(, permanent)? \| ([^|]+) \|$/gm)];

  it("names every cause that a service blames, and no other", () => {
    const sources = globSync("services/{email,image}/**/*.ts", { cwd: projectDirectory() })
      .filter((file) => !file.endsWith(".test.ts"))
      .map(read);
    const blamed = sources.flatMap((source) =>
      [...source.matchAll(/"((?:smtp|database|object_store|image|magick)_[a-z0-9_]+)"/g)].map(([, cause]) => cause),
    );
    expect(new Set(causes.map(([, cause]) => cause))).toEqual(new Set(blamed));
  });

  it.each(
    causes.map(
      ([, cause, code, permanent, consequence]) => [cause, code, permanent !== undefined, consequence] as const,
    ),
  )("says of %s (%s) what its code leads to", (_, code, permanent, consequence) => {
    expect(consequence).toBe(consequenceOf(code as TwirpErrorCode, permanent));
  });
});

function consequenceOf(code: TwirpErrorCode, permanent: boolean): string {
  const error = twirpError(code, "no", permanent ? { permanent: "true" } : {});
  if (isPermanent(error)) {
    return "fails for good";
  }
  return fullForMs(error) === undefined ? "another attempt" : "waits, no attempt spent";
}

function read(file: string): string {
  return readFileSync(join(projectDirectory(), file), "utf8");
}
