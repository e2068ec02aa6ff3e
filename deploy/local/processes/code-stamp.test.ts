import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../../../tests/support/temporary-directory";
import { codeStamp } from "./code-stamp";

it("codeStamp changes when a file below a path is written or added, and not otherwise", () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "deep"));
  writeFileSync(join(directory, "deep", "a.js"), "1");
  const paths = [directory, join(directory, "missing")];
  const before = codeStamp(paths);
  expect(codeStamp(paths)).toBe(before);
  const later = Date.now() / 1000 + 60;
  utimesSync(join(directory, "deep", "a.js"), later, later);
  const written = codeStamp(paths);
  expect(written).not.toBe(before);
  writeFileSync(join(directory, "b.js"), "");
  expect(codeStamp(paths)).not.toBe(written);
});
