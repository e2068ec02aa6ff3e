import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Makes a directory that is removed when the running test has finished. Only callable inside a test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "mcsv-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
