import { closeSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../../tests/support/temporary-directory";
import { lastLines, openLog, rotateLog } from "./log-file";

describe("rotateLog", () => {
  it("keeps one former generation, and whoever holds the file writes on at its start", () => {
    const path = join(temporaryDirectory(), "logs", "test.log");
    const log = openLog(path);
    writeSync(log, "0123456789\n");
    rotateLog(path, 5);
    writeSync(log, "after\n");
    closeSync(log);
    expect(readFileSync(`${path}.1`, "utf8")).toBe("0123456789\n");
    expect(readFileSync(path, "utf8")).toBe("after\n");
  });

  it("leaves a log below the limit, and one that is not there, alone", () => {
    const path = join(temporaryDirectory(), "test.log");
    rotateLog(path, 5);
    writeFileSync(path, "12345");
    rotateLog(path, 5);
    expect(readFileSync(path, "utf8")).toBe("12345");
  });
});

describe("lastLines", () => {
  it("gives the end of a log, from an offset on when there is one", () => {
    const path = join(temporaryDirectory(), "test.log");
    expect(lastLines(path, 2)).toEqual([]);
    writeFileSync(path, "one\ntwo\nthree\n");
    expect(lastLines(path, 2)).toEqual(["two", "three"]);
    expect(lastLines(path, 9, "one\ntwo\n".length)).toEqual(["three"]);
    expect(lastLines(path, 9, "one\ntwo\nthree\n".length)).toEqual([]);
    expect(lastLines(path, 1, 1_000)).toEqual(["three"]);
  });
});
