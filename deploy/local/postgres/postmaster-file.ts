import { readFile, readlink, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isRunning } from "../processes/is-running";

/**
 * The pid of the server that runs on a data directory, by its `postmaster.pid`.
 * A file whose pid is dead or has become another program's is stale: a crash or a reboot left it.
 *
 * @returns undefined when no server runs there.
 */
export async function runningPostmaster(dataDirectory: string): Promise<number | undefined> {
  const pid = await postmasterPid(dataDirectory);
  if (pid === undefined || !isRunning(pid)) return undefined;
  return (await worksIn(pid, dataDirectory)) ? pid : undefined;
}

/**
 * Stops a server that an earlier run left on the data directory, and removes a stale `postmaster.pid`,
 * which Postgres would take for a live one when its pid now belongs to another program.
 *
 * @param limitMs time for a fast shutdown before an immediate one.
 */
export async function clearPostmaster(dataDirectory: string, limitMs = 10_000): Promise<void> {
  const pid = await runningPostmaster(dataDirectory);
  if (pid !== undefined) await stopPostmaster(pid, limitMs);
  await rm(join(dataDirectory, "postmaster.pid"), { force: true });
}

/** Fast shutdown (SIGINT: clients are disconnected, a checkpoint is written), then an immediate one (SIGQUIT). */
export async function stopPostmaster(pid: number, limitMs: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (!isRunning(pid)) return;
    process.kill(pid, signal);
    const deadline = Date.now() + limitMs;
    while (isRunning(pid) && Date.now() < deadline) await delay(10);
  }
}

async function postmasterPid(dataDirectory: string): Promise<number | undefined> {
  try {
    const first = (await readFile(join(dataDirectory, "postmaster.pid"), "utf8")).split("\n")[0];
    const pid = Number(first);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The server's working directory is its data directory. Where /proc cannot tell, its pid file is believed. */
async function worksIn(pid: number, dataDirectory: string): Promise<boolean> {
  if (process.platform !== "linux") return true;
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(dataDirectory));
  } catch {
    // Another user's process: not the server that this user started.
    return false;
  }
}
