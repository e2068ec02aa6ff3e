import { readFile } from "node:fs/promises";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { ConfigurationFiles, initializeImageMagick, Magick } from "@imagemagick/magick-wasm";
import { convert } from "./convert";
import { type Command, parseArguments, UnsupportedArgumentError } from "./parse-arguments";

/**
 * ImageMagick compiled to WebAssembly, behind as much of magick's command line as the image service uses. It heeds
 * policy.xml in MAGICK_CONFIGURE_PATH, which is compulsory here: without one, nothing would be denied.
 */
async function main(): Promise<number> {
  let command: Command;
  try {
    command = parseArguments(process.argv.slice(2));
  } catch (error) {
    if (error instanceof UnsupportedArgumentError) {
      process.stderr.write(`magick: not supported by the WebAssembly wrapper: ${error.message}\n`);
      return 1;
    }
    throw error;
  }
  if (command.kind === "version") {
    await initialize(undefined);
    process.stdout.write(`Version: ${Magick.imageMagickVersion.replace(/ https:.*$/, "")} wasm\n`);
    return 0;
  }
  const policyDirectory = process.env["MAGICK_CONFIGURE_PATH"];
  if (policyDirectory === undefined) {
    process.stderr.write("magick: MAGICK_CONFIGURE_PATH must name the directory of policy.xml\n");
    return 1;
  }
  const [source] = await Promise.all([buffer(process.stdin), initialize(path.join(policyDirectory, "policy.xml"))]);
  const { pdf, messages, exitCode } = convert(command, source);
  process.stderr.write(messages.map((message) => `magick: ${message}.\n`).join(""));
  if (pdf !== undefined) {
    process.stdout.write(pdf);
  }
  return exitCode;
}

async function initialize(policyFile: string | undefined): Promise<void> {
  const files = ConfigurationFiles.default;
  if (policyFile !== undefined) {
    files.policy.data = await readFile(policyFile, "utf8");
  }
  await initializeImageMagick(await readFile(require.resolve("@imagemagick/magick-wasm/magick.wasm")), files);
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    // Memory that runs out inside WebAssembly ends up here too, as a RuntimeError or RangeError.
    process.stderr.write(`magick: MemoryAllocationFailed or crash: ${String(error)} @ fatal/wasm/main/0.\n`);
    process.exitCode = 1;
  },
);
