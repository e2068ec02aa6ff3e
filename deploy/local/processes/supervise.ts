import { join } from "node:path";
import { rotateLog } from "./log-file";
import type { RunDirectory } from "./run-directory";
import { type SupervisedProcess, superviseProcess } from "./supervise-process";
import { lockHolder, releaseLock, takeLock } from "./supervisor-lock";
import { type SupervisorEvent, supervisorCommand } from "./supervisor-protocol";

/** Where a supervisor works. */
export interface SupervisorOptions {
  readonly run: RunDirectory;
  readonly logDirectory: string;
  readonly workingDirectory: string;
  /** Stamp of the supervisor's own code, kept in the lock. */
  readonly codeStamp: string;
}

const MAX_LOG_BYTES = 20_000_000;
const CHORES_EVERY_MS = 2_000;

/**
 * Runs as a process of its own and keeps the processes of the run directory's specs running until SIGTERM or SIGINT;
 * then stops them stage by stage. It does the same when its lock is taken from it (somebody removed the directory), as
 * nobody could find it any more.
 * It is tethered to the process that forked it until that one says `release`.
 *
 * @returns when everything has stopped, or another supervisor has the lock.
 */
export async function supervise(options: SupervisorOptions): Promise<void> {
  const { run, logDirectory } = options;
  const log = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);
  const tell = (event: SupervisorEvent) => {
    if (process.connected) process.send?.(event);
  };
  const holder = takeLock(run.lockFile, options.codeStamp);
  if (holder !== undefined) {
    tell({ kind: "taken", pid: holder.pid });
    return;
  }
  const processes = new Map<string, SupervisedProcess>();
  const logFile = (name: string) => join(logDirectory, `${name}.log`);

  const processNamed = (name: string) => {
    const known = processes.get(name);
    if (known !== undefined) return known;
    const newestSpec = () => run.readSpecs().find((spec) => spec.name === name);
    const first = newestSpec();
    if (first === undefined) throw new Error(`the specs name no process "${name}"`);
    const { workingDirectory } = options;
    const created = superviseProcess(first, { run, log, logFile: logFile(name), workingDirectory, newestSpec });
    processes.set(name, created);
    return created;
  };

  let chores: NodeJS.Timeout | undefined;
  log(`supervisor started, pid ${process.pid}`);
  tell({ kind: "locked" });

  await new Promise<void>((resolve) => {
    let released = false;
    chores = setInterval(() => {
      if (lockHolder(run.lockFile)?.pid !== process.pid) resolve();
      for (const name of [...processes.keys(), "supervisor"]) rotateLog(logFile(name), MAX_LOG_BYTES);
    }, CHORES_EVERY_MS);
    process.on("SIGTERM", () => resolve());
    process.on("SIGINT", () => resolve());
    process.on("disconnect", () => {
      if (!released) resolve();
    });
    process.on("message", (message) => {
      const command = supervisorCommand.parse(message);
      switch (command.kind) {
        case "start":
          for (const name of command.names) processNamed(name).start();
          return;
        case "hold":
          void processNamed(command.name)
            .stop()
            .then(() => tell({ kind: "held", name: command.name }));
          return;
        case "release":
          released = true;
          tell({ kind: "released" });
          return;
        default:
          command satisfies never;
      }
    });
  });

  log("stopping everything");
  clearInterval(chores);
  await stopInStages([...processes.values()]);
  releaseLock(run.lockFile);
  log("everything has stopped");
}

async function stopInStages(processes: readonly SupervisedProcess[]): Promise<void> {
  const stages = [...new Set(processes.map((process) => process.stopStage()))].sort((a, b) => a - b);
  for (const stage of stages) {
    await Promise.all(processes.filter((process) => process.stopStage() === stage).map((process) => process.stop()));
  }
}
