import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { type MagickUsage, watchUsage } from "./magick-usage";

/** A command that converts, and the bounds it runs in. */
export interface MagickCommand {
  /** Path, or name to look for in PATH. */
  readonly command: string;
  /** Directory of policy.xml. */
  readonly policyDirectory: string;
  /** Longest run in milliseconds; the command and all that it started are killed then. */
  readonly timeoutMs: number;
  /** Largest file it may write in bytes: ImageMagick assembles a PDF in its temporary directory. */
  readonly maxFileBytes: number;
  /** Address space in bytes; undefined for a command that bounds its memory by itself. */
  readonly addressSpaceBytes: number | undefined;
}

/** How a run ended. */
export interface MagickExit {
  /** Exit code, null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to standard error, the first part of it. */
  readonly stderr: string;
  /** Whether it was killed because its time was up. */
  readonly timedOut: boolean;
  /** What it took; undefined where that could not be seen. */
  readonly usage: MagickUsage | undefined;
}

/** A run in progress. */
export interface MagickRun {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Rejects only when the command cannot be started. */
  readonly exit: Promise<MagickExit>;
  /** Kills it at once, with all that it started. */
  kill(): void;
}

const MAX_STDERR_BYTES = 16 * 1024;
const BLOCK_BYTES = 512;

/**
 * Sets limits that Node.js cannot set and becomes the command. A limit that cannot be set is one that the system has
 * set lower already. Processor time is a net below the wall clock, for when nobody is left to watch that.
 */
const LIMIT_AND_RUN = `
ulimit -c 0
ulimit -v "$1" 2>/dev/null
ulimit -f "$2" 2>/dev/null
ulimit -t "$3" 2>/dev/null
shift 3
exec "$@"`;

/**
 * Starts magick in a process group of its own with an environment that holds nothing but what it needs.
 *
 * @param args as magickArguments() makes them
 * @param temporaryDirectory for its files; the caller removes it after the exit
 */
export function runMagick(magick: MagickCommand, args: readonly string[], temporaryDirectory: string): MagickRun {
  const limits = [
    magick.addressSpaceBytes === undefined ? "unlimited" : String(Math.floor(magick.addressSpaceBytes / 1024)),
    String(Math.ceil(magick.maxFileBytes / BLOCK_BYTES)),
    String(Math.ceil(magick.timeoutMs / 1000) + 1),
  ];
  const child = spawn("/bin/sh", ["-c", LIMIT_AND_RUN, "magick", ...limits, magick.command, ...args], {
    cwd: temporaryDirectory,
    detached: true,
    env: environment(magick, temporaryDirectory),
    stdio: ["pipe", "pipe", "pipe"],
  });

  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      killGroup(child.pid);
    }
  };
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, magick.timeoutMs);

  const stderr: Buffer[] = [];
  let stderrBytes = 0;
  child.stderr.on("data", (chunk: Buffer) => {
    const kept = chunk.subarray(0, MAX_STDERR_BYTES - stderrBytes);
    stderrBytes += kept.length;
    stderr.push(kept);
  });

  const watch = child.pid === undefined ? undefined : watchUsage(child.pid, child.stdout);
  const { promise, resolve, reject } = Promise.withResolvers<MagickExit>();
  child.on("error", (error) => {
    clearTimeout(timer);
    watch?.stop();
    reject(error);
  });
  // Not "close": that waits until somebody has read all of stdout, which nobody does after a failure.
  child.on("exit", (exitCode, signal) => {
    clearTimeout(timer);
    const usage = watch?.stop();
    const done = () => resolve({ exitCode, signal, stderr: Buffer.concat(stderr).toString("utf8"), timedOut, usage });
    if (child.stderr.readableEnded || child.stderr.destroyed) {
      done();
    } else {
      child.stderr.once("close", done);
    }
  });
  return { stdin: child.stdin, stdout: child.stdout, exit: promise, kill };
}

/** PATH and LD_LIBRARY_PATH may be needed to find the command and its libraries. */
function environment(magick: MagickCommand, temporaryDirectory: string): NodeJS.ProcessEnv {
  const { PATH = "/usr/local/bin:/usr/bin:/bin", LD_LIBRARY_PATH } = process.env;
  return {
    PATH,
    ...(LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }),
    LC_ALL: "C",
    HOME: temporaryDirectory,
    TMPDIR: temporaryDirectory,
    MAGICK_TMPDIR: temporaryDirectory,
    MAGICK_TEMPORARY_PATH: temporaryDirectory,
    MAGICK_CONFIGURE_PATH: magick.policyDirectory,
    MAGICK_THREAD_LIMIT: "1",
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // ESRCH: it was faster.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) {
      throw error;
    }
  }
}
