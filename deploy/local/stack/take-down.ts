import { setTimeout as delay } from "node:timers/promises";
import { clearPostmaster } from "../postgres/postmaster-file";
import { isSameProcess } from "../processes/process-identity";
import { openRunDirectory } from "../processes/run-directory";
import { killGroup, signalProcess, stopProcesses } from "../processes/stop-processes";
import { lockHolder } from "../processes/supervisor-lock";
import type { StackLayout } from "./stack-layout";

/** Longer than all stages together may take. */
const SUPERVISOR_LIMIT_MS = 60_000;

/**
 * Stops a stack: by its supervisor, or, where that was killed, process by process.
 *
 * @returns names of what was stopped; empty when nothing ran.
 */
export async function takeDown(layout: StackLayout): Promise<string[]> {
  const run = openRunDirectory(layout.run);
  const stopped = run.allRunning().map(({ name }) => name);
  const supervisor = lockHolder(run.lockFile);
  if (supervisor !== undefined) {
    signalProcess(supervisor.pid, "SIGTERM");
    const deadline = Date.now() + SUPERVISOR_LIMIT_MS;
    while (isSameProcess(supervisor) && Date.now() < deadline) await delay(20);
    if (isSameProcess(supervisor)) killGroup(supervisor.pid);
  }
  await stopProcesses(run.allRunning(), () => undefined);
  run.removeAllRecords();
  await clearPostmaster(`${layout.postgres}/cluster/data`);
  return stopped;
}
