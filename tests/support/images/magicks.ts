import { accessSync, constants } from "node:fs";
import path from "node:path";
import { type ResolvedMagick, resolveMagick, wasmMagick } from "../../../deploy/local/magick/resolve-magick";
import { projectDirectory } from "../../../deploy/local/project-directory";

/** An ImageMagick that tests run against. */
export interface TestMagick {
  /** For titles: "ImageMagick as WebAssembly". */
  readonly name: string;
  readonly isWebAssembly: boolean;
  /** Finds it, or makes it. */
  resolve(stateDirectory: string): Promise<ResolvedMagick>;
}

/**
 * The ImageMagicks of this machine: the one compiled to WebAssembly always, a native one where there is one (of the
 * system, or brought by `make magick`).
 */
export function magicksOfThisMachine(): readonly TestMagick[] {
  const native = nativeMagick();
  const wasm: TestMagick = { name: "ImageMagick as WebAssembly", isWebAssembly: true, resolve: wasmMagick };
  return native === undefined ? [wasm] : [native, wasm];
}

/** Title of the test that stands for the native ImageMagick where there is none, so that the report shows what was not run. */
export const NO_NATIVE_MAGICK = "native ImageMagick 7 is not on this machine: make magick brings it";

function nativeMagick(): TestMagick | undefined {
  const directories = (process.env["PATH"] ?? "").split(path.delimiter);
  const command = [
    ...directories.map((directory) => path.join(directory, "magick")),
    path.join(projectDirectory(), ".local", "magick", "bin", "magick"),
  ].find(isExecutable);
  return command === undefined
    ? undefined
    : {
        name: `native ImageMagick (${path.relative(projectDirectory(), command)})`,
        isWebAssembly: false,
        resolve: (stateDirectory) => resolveMagick({ env: { MAGICK_BIN: command }, stateDirectory }),
      };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      return false;
    }
    throw error;
  }
}
