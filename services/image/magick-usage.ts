import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";

/** What a run of magick took, as last seen before its end: a little less than in truth. */
export interface MagickUsage {
  /** Processor time, user and system, in seconds. */
  readonly cpuSeconds: number;
  /** Largest resident set in bytes. */
  readonly peakMemoryBytes: number;
}

/** Follows a run until it is stopped. */
export interface UsageWatch {
  /** What was seen; undefined where the system does not tell (it is Linux' /proc), or the run was too short. */
  stop(): MagickUsage | undefined;
}

const FIRST_LOOK_MS = 10;
const LONGEST_PAUSE_MS = 250;
/** Clock ticks of /proc a second: fixed at 100 for programs (USER_HZ). */
const TICKS_PER_SECOND = 100;

/**
 * Follows a process' use of processor and memory. Node.js does not tell a child's, so /proc is read: at growing intervals, and
 * when the first output appears, at which time the PDF is made and the peak behind it.
 */
export function watchUsage(pid: number, stdout: Readable): UsageWatch {
  let usage: MagickUsage | undefined;
  const look = () => {
    usage = readUsage(pid) ?? usage;
  };
  let pauseMs = FIRST_LOOK_MS;
  const next = (): NodeJS.Timeout =>
    setTimeout(() => {
      look();
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      timer = next();
    }, pauseMs).unref();
  let timer = next();
  stdout.once("readable", look);
  return {
    stop() {
      clearTimeout(timer);
      stdout.off("readable", look);
      return usage;
    },
  };
}

function readUsage(pid: number): MagickUsage | undefined {
  let stat: string;
  let status: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    status = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    // It has ended, or there is no /proc.
    return undefined;
  }
  const peakKilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  // The name in the second field may hold blanks and parentheses; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (peakKilobytes === undefined) {
    return undefined;
  }
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    peakMemoryBytes: Number(peakKilobytes) * 1024,
  };
}
