import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** How a command of `docker` is run. */
export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Ends the command. */
  readonly signal?: AbortSignal;
}

/** What a command of `docker` came to. */
export interface Captured {
  /** Its exit code; undefined when it did not run to its end. */
  readonly code: number | undefined;
  readonly output: string;
  /** Why it failed, in one line. */
  readonly problem: string;
}

/** Runs a command of `docker` and gives what it printed; never rejects. */
export async function capture(args: readonly string[], { env, signal }: RunOptions): Promise<Captured> {
  const child = spawn("docker", args, { env, signal, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<{ code: number | undefined; error?: Error }>((resolve) => {
    child.on("error", (error) => resolve({ code: undefined, error }));
    child.on("close", (code) => resolve({ code: code ?? undefined }));
  });
  const [output, errors, { code, error }] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const said = errors.trim().split("\n").at(-1) ?? "";
  return { code, output, problem: error === undefined ? said : describe(error) };
}

/**
 * Runs a command of `docker` on this process's own terminal.
 *
 * @returns its exit code; a command that a signal ended has 130, as a shell counts it for Ctrl-C.
 */
export function runInForeground(args: readonly string[], { env }: RunOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("docker", args, { env, stdio: "inherit" });
    child.on("error", (error) => reject(new Error(describe(error))));
    child.on("close", (code) => resolve(code ?? 130));
  });
}

function describe(error: Error): string {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return "docker is not installed";
  return error.name === "AbortError" ? "it does not answer" : error.message;
}
