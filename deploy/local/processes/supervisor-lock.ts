import { linkSync, renameSync, rmSync } from "node:fs";
import { z } from "zod";
import { identify, isSameProcess, type ProcessIdentity } from "./process-identity";
import { readJson } from "./run-directory";
import { writeJsonAtomically } from "./write-json";

const lockContent = z.object({ pid: z.number(), startTime: z.string(), codeStamp: z.string() });

/** Who holds a lock. */
export type LockHolder = ProcessIdentity & { readonly codeStamp: string };

/** The process that holds the lock, if it runs. */
export function lockHolder(lockFile: string): LockHolder | undefined {
  const holder = readJson(lockFile, lockContent);
  return holder !== undefined && isSameProcess(holder) ? holder : undefined;
}

/**
 * Takes the lock for this process, from nobody or from a process that has ended.
 *
 * @returns undefined when it is taken, else the holder.
 */
export function takeLock(lockFile: string, codeStamp: string): LockHolder | undefined {
  const draft = `${lockFile}.${process.pid}`;
  writeJsonAtomically(draft, { ...identify(process.pid), codeStamp });
  try {
    for (;;) {
      try {
        linkSync(draft, lockFile);
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = lockHolder(lockFile);
      if (holder !== undefined) return holder;
      moveStaleAway(lockFile, `${draft}.stale`);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Gives the lock back. */
export function releaseLock(lockFile: string): void {
  if (lockHolder(lockFile)?.pid === process.pid) rmSync(lockFile, { force: true });
}

/** Two may find the same stale lock: whoever moves a fresh one away by mistake puts it back. */
function moveStaleAway(lockFile: string, aside: string): void {
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (lockHolder(aside) !== undefined) linkSync(aside, lockFile);
  rmSync(aside, { force: true });
}
