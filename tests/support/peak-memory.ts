import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Between two looks; a process that grows to gigabytes lives longer than this. */
const INTERVAL_MS = 5;

/**
 * Runs `work` and watches the processes that this one starts meanwhile.
 *
 * @returns what `work` gave, and the largest resident memory of any of them in bytes; 0 where there is no /proc
 */
export async function peakMemoryOfChildren<T>(work: () => Promise<T>): Promise<{ result: T; peakBytes: number }> {
  let peakBytes = 0;
  const timer = setInterval(() => {
    for (const pid of children()) {
      peakBytes = Math.max(peakBytes, peakOf(pid));
    }
  }, INTERVAL_MS);
  try {
    return { result: await work(), peakBytes };
  } finally {
    clearInterval(timer);
  }
}

/** Children of every thread of this process: each thread lists its own. */
function children(): string[] {
  const tasks = "/proc/self/task";
  return existsSync(tasks)
    ? readdirSync(tasks).flatMap((task) =>
        readIfThere(`${tasks}/${task}/children`)
          .split(" ")
          .filter((pid) => pid !== ""),
      )
    : [];
}

/** VmHWM, the high-water mark of resident memory: proc(5). */
function peakOf(pid: string): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** A process may end between the listing and the reading. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      return "";
    }
    throw error;
  }
}
