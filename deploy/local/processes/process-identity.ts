import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isRunning } from "./is-running";

/** A process as it can be recognised later: its pid alone may by then belong to another program. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the system started it, in the system's own notation; equal strings mean the same process. */
  readonly startTime: string;
}

/** Identity of a process that runs now. */
export function identify(pid: number): ProcessIdentity {
  return { pid, startTime: startTimeOf(pid) };
}

/** Whether this very process still runs. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  return isRunning(identity.pid) && startTimeOf(identity.pid) === identity.startTime;
}

/** "" for a process that has ended or cannot be looked at. */
function startTimeOf(pid: number): string {
  if (process.platform !== "linux") {
    return spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).stdout?.trim() ?? "";
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // proc(5): starttime is field 22; the second, in parentheses, may hold blanks, and the third follows it.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${ticks}`;
  } catch {
    return "";
  }
}
