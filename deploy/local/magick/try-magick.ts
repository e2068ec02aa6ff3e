import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { toConversionSettings } from "../../../services/image/conversion-settings";
import { magickArguments } from "../../../services/image/magick-arguments";
import { magickVerdict } from "../../../services/image/magick-verdict";
import { probeMagick } from "../../../services/image/probe-magick";
import { runMagick } from "../../../services/image/run-magick";

/** The smallest PNG: one grey pixel. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);
const TIMEOUT_MS = 15_000;
const MAX_FILE_BYTES = 1024 * 1024;
const ADDRESS_SPACE_BYTES = 2 * 1024 ** 3;

/** Tries a command the way the image service uses it: a system's ImageMagick may lack a format or forbid PDF. */
export async function tryMagick(command: string): Promise<{ version: string } | { problem: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), "mcsv-try-magick-"));
  try {
    const { version, isWebAssembly } = await probeMagick(command);
    const run = runMagick(
      {
        command,
        policyDirectory: path.resolve(__dirname, "../../../services/image/policy"),
        timeoutMs: TIMEOUT_MS,
        maxFileBytes: MAX_FILE_BYTES,
        addressSpaceBytes: isWebAssembly ? undefined : ADDRESS_SPACE_BYTES,
      },
      magickArguments("png", toConversionSettings(undefined)),
      directory,
    );
    run.stdin.on("error", () => run.kill());
    run.stdin.end(PIXEL);
    const [pdf, exit] = await Promise.all([buffer(run.stdout), run.exit]);
    const problem = magickVerdict(exit)?.msg;
    return problem === undefined && pdf.subarray(0, 5).toString() === "%PDF-"
      ? { version }
      : { problem: `it does not convert a PNG to PDF: ${exit.stderr.trim() || problem}` };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
