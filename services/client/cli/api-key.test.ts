import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveApiKey } from "./api-key";
import { UsageError } from "./errors";

const KEY = `mcsv_${"k".repeat(43)}`;

describe("resolveApiKey", () => {
  let project: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "mcsv-api-key-"));
    mkdirSync(join(project, ".local", "auth"), { recursive: true });
  });

  afterEach(() => rmSync(project, { recursive: true }));

  it("reads the key of the checkout's stack, without the end of its line", () => {
    writeFileSync(join(project, ".local", "auth", "api-key"), `${KEY}\n`);
    expect(resolveApiKey({}, project)).toBe(KEY);
  });

  it("prefers MCSV_API_KEY", () => {
    writeFileSync(join(project, ".local", "auth", "api-key"), "mcsv_other\n");
    expect(resolveApiKey({ MCSV_API_KEY: KEY }, project)).toBe(KEY);
  });

  it("finds none where no stack was started", () => {
    expect(resolveApiKey({}, project)).toBeUndefined();
  });

  it.each(["secret", `${KEY}\r\nx-other: 1`, KEY.slice(1)])("refuses MCSV_API_KEY=%j without repeating it", (value) => {
    const resolve = () => resolveApiKey({ MCSV_API_KEY: value }, project);
    expect(resolve).toThrow(UsageError);
    expect(resolve).toThrow("MCSV_API_KEY is not an API key");
    expect(resolve).not.toThrow(value);
  });
});
