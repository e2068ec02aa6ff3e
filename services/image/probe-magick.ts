import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What is known of a magick command before it converts anything. */
export interface MagickVersion {
  /** "7.1.1-43". */
  readonly version: string;
  /** Whether it is ImageMagick compiled to WebAssembly, which bounds its memory by itself. */
  readonly isWebAssembly: boolean;
}

const PROBE_TIMEOUT_MS = 15_000;

/**
 * Asks a command for its version.
 *
 * @param command path, or name to look for in PATH
 * @throws Error when it cannot be run or is not ImageMagick 7
 */
export async function probeMagick(command: string, signal?: AbortSignal): Promise<MagickVersion> {
  const { stdout } = await promisify(execFile)(command, ["-version"], {
    timeout: PROBE_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw new Error(`${command} -version does not run`, { cause: error });
  });
  const line = stdout.split("\n")[0] ?? "";
  const version = /^Version: ImageMagick (7\.\S+)/.exec(line)?.[1];
  if (version === undefined) {
    throw new Error(`${command} is not ImageMagick 7: "${line.slice(0, 100)}"`);
  }
  return { version, isWebAssembly: /\bwasm\b/i.test(line) };
}

/**
 * Health check: resolves while the command answers. A good answer holds for a while, since every question is a process.
 */
export function createMagickCheck(command: string, holdsForMs = 30_000): (signal: AbortSignal) => Promise<void> {
  let goodUntilMs = 0;
  return async (signal) => {
    if (performance.now() >= goodUntilMs) {
      await probeMagick(command, signal);
      goodUntilMs = performance.now() + holdsForMs;
    }
  };
}
