import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync } from "node:fs";
import { openLog } from "./log-file";
import { identify } from "./process-identity";
import { fingerprint, type ProcessSpec } from "./process-spec";
import type { RunDirectory } from "./run-directory";
import { killGroup, signalProcess } from "./stop-processes";

/** A process that is kept running. */
export interface SupervisedProcess {
  readonly name: string;
  /** When it is stopped, compared with others. */
  readonly stopStage: () => number;
  /** Starts it, unless it runs. */
  start(): void;
  /** Stops it for good; resolves when it and its process group have ended. */
  stop(): Promise<void>;
}

/** What a supervised process needs from its supervisor. */
export interface Supervision {
  readonly run: RunDirectory;
  readonly workingDirectory: string;
  readonly logFile: string;
  /** The spec to use for the next start, which may have changed; undefined when it cannot be read: then the last is used. */
  readonly newestSpec: () => ProcessSpec | undefined;
  /** Takes one line for the supervisor's own log. */
  readonly log: (line: string) => void;
}

/** Delays before a restart: at once after a first death, seconds when it dies again and again. */
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;
/** One that ran this long is healthy: its next death counts as the first. */
const HEALTHY_AFTER_MS = 10_000;

/** Keeps one process running: starts it again when it ends, with growing delays while it dies young. */
export function superviseProcess(first: ProcessSpec, supervision: Supervision): SupervisedProcess {
  const { run, log } = supervision;
  const { name } = first;
  let spec = first;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wanted = false;
  let starts = 0;
  let youngDeaths = 0;
  let lastLogSize = 0;
  let onEnded: (() => void) | undefined;

  function launch(): void {
    timer = undefined;
    spec = supervision.newestSpec() ?? spec;
    const output = openLog(supervision.logFile);
    const logSize = fstatSync(output).size;
    const logOffset = youngDeaths > 0 ? lastLogSize : logSize;
    lastLogSize = logSize;
    const startedAt = Date.now();
    starts += 1;
    child = spawn(spec.command, spec.args, {
      ...spec.spawnAs,
      cwd: supervision.workingDirectory,
      env: { ...process.env, ...spec.env },
      stdio: ["ignore", output, output],
      // A session and process group of its own: no terminal's Ctrl-C, and its children can be found.
      detached: true,
    });
    closeSync(output);
    const { pid } = child;
    if (pid !== undefined) {
      const { stopSignal, stopLimitMs, stopStage } = spec;
      const identity = identify(pid);
      run.writeRecord({
        name,
        ...identity,
        startedAt,
        starts,
        fingerprint: fingerprint(spec),
        logOffset,
        stopSignal,
        stopLimitMs,
        stopStage,
      });
      log(`${name} started, pid ${pid}`);
    }
    child.once("error", (error) => {
      if (pid === undefined) ended(`could not be started: ${error.message}`, startedAt);
    });
    child.once("exit", (code, signal) => {
      if (pid !== undefined) killGroup(pid);
      ended(`(pid ${pid}) ended with ${signal ?? `exit code ${code}`}`, startedAt);
    });
  }

  function ended(how: string, startedAt: number): void {
    child = undefined;
    if (!wanted) {
      log(`${name} ${how}`);
      run.removeRecord(name);
      onEnded?.();
      return;
    }
    youngDeaths = Date.now() - startedAt > HEALTHY_AFTER_MS ? 0 : youngDeaths + 1;
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, youngDeaths - 1));
    log(`${name} ${how}; starting it again in ${delayMs} ms`);
    timer = setTimeout(launch, delayMs);
  }

  return {
    name,
    stopStage: () => spec.stopStage,
    start: () => {
      if (wanted) return;
      wanted = true;
      starts = 0;
      youngDeaths = 0;
      if (child === undefined) launch();
    },
    stop: () => {
      wanted = false;
      clearTimeout(timer);
      const pid = child?.pid;
      if (pid === undefined) {
        run.removeRecord(name);
        return Promise.resolve();
      }
      const { stopSignal, stopLimitMs } = spec;
      return new Promise((resolve) => {
        const kill = setTimeout(() => {
          log(`${name} did not end within ${stopLimitMs} ms: SIGKILL`);
          killGroup(pid);
        }, stopLimitMs);
        onEnded = () => {
          clearTimeout(kill);
          onEnded = undefined;
          resolve();
        };
        signalProcess(pid, stopSignal);
      });
    },
  };
}
