import { constants } from "node:fs";
import { access } from "node:fs/promises";
import path from "node:path";
import { probeMagick } from "../../../services/image/probe-magick";
import { tryMagick } from "./try-magick";
import { writeWasmLauncher } from "./wasm-launcher";

/** Where a magick command comes from, in the order of preference. */
export type MagickKind = "MAGICK_BIN" | "system" | "fetched" | "wasm";

/** A magick command that converts. */
export interface ResolvedMagick {
  /** Absolute path. */
  readonly command: string;
  readonly kind: MagickKind;
  /** "7.1.1-43". */
  readonly version: string;
}

/** Where to look. */
export interface ResolveMagickOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Directory of the local stack's state: `.local`. */
  readonly stateDirectory: string;
}

/**
 * Finds ImageMagick 7: MAGICK_BIN, else the system's, else the one that `make magick` fetched, else the one compiled to
 * WebAssembly. All but the last are tried with a conversion under the image service's policy.
 *
 * @throws Error when MAGICK_BIN is set and does not convert
 */
export async function resolveMagick(options: ResolveMagickOptions): Promise<ResolvedMagick> {
  const chosen = options.env["MAGICK_BIN"];
  if (chosen !== undefined && chosen !== "") {
    const command = await findCommand(chosen, options.env);
    if (command === undefined) {
      throw new Error(`MAGICK_BIN is "${chosen}", which is not an executable file`);
    }
    const tried = await tryMagick(command);
    if ("problem" in tried) {
      throw new Error(`MAGICK_BIN is "${chosen}", which cannot be used: ${tried.problem}`);
    }
    return { command, kind: "MAGICK_BIN", version: tried.version };
  }
  for (const { kind, command } of await installedMagicks(options)) {
    const tried = await tryMagick(command);
    if ("version" in tried) {
      return { command, kind, version: tried.version };
    }
  }
  return wasmMagick(options.stateDirectory);
}

/** The native commands that are there, best first. */
async function installedMagicks({ env, stateDirectory }: ResolveMagickOptions) {
  const candidates = [
    { kind: "system", command: await findCommand("magick", env) },
    { kind: "fetched", command: await findCommand(path.resolve(stateDirectory, "magick/bin/magick"), env) },
  ] as const;
  return candidates.flatMap(({ kind, command }) => (command === undefined ? [] : [{ kind, command }]));
}

/** The command that is always there. */
export async function wasmMagick(stateDirectory: string): Promise<ResolvedMagick> {
  const command = await writeWasmLauncher(path.join(stateDirectory, "magick-wasm"));
  const { version } = await probeMagick(command);
  return { command, kind: "wasm", version };
}

/** Absolute path of an executable file: given by a path, or by a name to look for in PATH. */
async function findCommand(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const directories = name.includes("/")
    ? ["."]
    : (env["PATH"] ?? "").split(path.delimiter).filter((part) => part !== "");
  for (const directory of directories) {
    const file = path.resolve(directory, name);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) {
        throw error;
      }
    }
  }
  return undefined;
}
