import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";

/**
 * Memory of one conversion in pages of 64 KiB, 1.25 GiB in all. An image of the largest size takes 1 GiB at worst.
 * Nothing else bounds WebAssembly: its address space says nothing about what it uses.
 */
const MAX_MEMORY_PAGES = 20_480;

/**
 * Writes a command that runs ImageMagick compiled to WebAssembly with this process's Node.js, and can be used as
 * MAGICK_BIN.
 *
 * @param directory where to write it; created unless it exists
 * @returns path of the command
 */
export async function writeWasmLauncher(directory: string): Promise<string> {
  const file = path.join(path.resolve(directory), "magick");
  const program = [process.execPath, `--wasm-max-mem-pages=${MAX_MEMORY_PAGES}`, compiledMain()];
  await mkdir(path.dirname(file), { recursive: true });
  // Renamed into place: somebody may be running it.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `#!/bin/sh\nexec ${program.map(quoted).join(" ")} "$@"\n`);
  await chmod(draft, 0o755);
  await rename(draft, file);
  return file;
}

/** The wrapper as compiled by `make build`, whether this code itself runs compiled or from source. */
function compiledMain(): string {
  const here = path.join(__dirname, "wasm", "main.js");
  const root = path.resolve(__dirname, "../../..");
  return path.basename(root) === "dist" ? here : path.join(root, "dist", path.relative(root, here));
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
