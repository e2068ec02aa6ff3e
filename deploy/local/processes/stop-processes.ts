import { setTimeout as delay } from "node:timers/promises";
import { isSameProcess } from "./process-identity";
import type { ProcessRecord } from "./run-directory";

/**
 * Stops processes in the order of their stages: the graceful signal, SIGKILL after the limit, and then SIGKILL for what
 * they may have left in their process groups (a service's magick, for instance).
 * Only processes that are the recorded ones are signalled: a pid that was given to another program is not.
 *
 * @param onStopped called for each process that had to be stopped.
 */
export async function stopProcesses(
  records: readonly ProcessRecord[],
  onStopped: (record: ProcessRecord, killed: boolean) => void,
): Promise<void> {
  const stages = [...new Set(records.map((record) => record.stopStage))].sort((a, b) => a - b);
  for (const stage of stages) {
    const members = records.filter((record) => record.stopStage === stage && isSameProcess(record));
    await Promise.all(members.map(async (record) => onStopped(record, await stopProcess(record))));
  }
}

/** @returns whether SIGKILL was needed. */
async function stopProcess(record: ProcessRecord): Promise<boolean> {
  signalProcess(record.pid, record.stopSignal);
  const deadline = Date.now() + record.stopLimitMs;
  while (isSameProcess(record) && Date.now() < deadline) await delay(15);
  const killed = isSameProcess(record);
  killGroup(record.pid);
  while (isSameProcess(record)) await delay(15);
  return killed;
}

/** Sends a signal; a process that has ended in the meantime is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** SIGKILL to all that is left of the process group that the process led. */
export function killGroup(leader: number): void {
  signalProcess(-leader, "SIGKILL");
}
