import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../../tests/support/temporary-directory";
import { lockHolder, releaseLock, takeLock } from "./supervisor-lock";

describe("takeLock", () => {
  it("gives the lock to one and tells the next who holds it", () => {
    const lockFile = join(temporaryDirectory(), "lock.json");
    expect(takeLock(lockFile, "one")).toBeUndefined();
    expect(takeLock(lockFile, "two")).toMatchObject({ pid: process.pid, codeStamp: "one" });
    releaseLock(lockFile);
    expect(takeLock(lockFile, "three")).toBeUndefined();
  });

  it("takes over from a process that has ended, and leaves no drafts", () => {
    const directory = temporaryDirectory();
    const lockFile = join(directory, "lock.json");
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(lockFile, JSON.stringify({ pid, startTime: "whenever", codeStamp: "" }));
    expect(lockHolder(lockFile)).toBeUndefined();
    expect(takeLock(lockFile, "new")).toBeUndefined();
    expect(lockHolder(lockFile)).toMatchObject({ pid: process.pid });
    expect(readdirSync(directory)).toEqual(["lock.json"]);
  });

  it("takes over when the holder's pid now belongs to another program", () => {
    const lockFile = join(temporaryDirectory(), "lock.json");
    writeFileSync(lockFile, JSON.stringify({ pid: process.ppid, startTime: "before that one", codeStamp: "" }));
    expect(takeLock(lockFile, "new")).toBeUndefined();
  });

  it("takes over a lock that was never written to its end", () => {
    const lockFile = join(temporaryDirectory(), "lock.json");
    writeFileSync(lockFile, '{"pid":');
    expect(takeLock(lockFile, "new")).toBeUndefined();
  });
});
