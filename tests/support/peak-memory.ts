import { childrenOf, readIfThere } from "./children-of";

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
    for (const pid of childrenOf("self")) {
      peakBytes = Math.max(peakBytes, peakOf(pid));
    }
  }, INTERVAL_MS);
  try {
    return { result: await work(), peakBytes };
  } finally {
    clearInterval(timer);
  }
}

/** VmHWM, the high-water mark of resident memory: proc(5). */
function peakOf(pid: string): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}
