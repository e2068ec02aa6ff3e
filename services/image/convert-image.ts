import type { Writable } from "node:stream";
import type { ObjectStore } from "../platform/object-store/object-store";
import { withSpan } from "../platform/telemetry/with-span";
import { blame, isTwirpError, unavailable } from "../platform/twirp/errors";
import type { ConversionMetrics } from "./conversion-metrics";
import type { ConversionSettings } from "./conversion-settings";
import type { SourceFetcher } from "./fetch-source";
import { overLimit, type PixelSize } from "./image-limits";
import type { JobDirectories } from "./job-directories";
import { magickArguments } from "./magick-arguments";
import { magickVerdict } from "./magick-verdict";
import { noRoom } from "./no-room";
import { type OpenedImage, openImage } from "./open-image";
import { PdfEnd } from "./pdf-end";
import { type MagickCommand, type MagickRun, runMagick } from "./run-magick";
import type { SourceFormat } from "./sniff-format";
import { storeOutput } from "./store-output";

/** What a conversion needs. */
export interface ConversionDependencies {
  readonly fetcher: SourceFetcher;
  readonly store: Pick<ObjectStore, "putBytes" | "putStream">;
  readonly directories: JobDirectories;
  readonly magick: MagickCommand;
  /** Largest PDF in bytes. */
  readonly maxOutputBytes: number;
  readonly metrics: ConversionMetrics;
}

/** One conversion. */
export interface ConversionOrder {
  /** URL of the source, checked. */
  readonly url: URL;
  /** Key of the PDF. */
  readonly objectKey: string;
  readonly settings: ConversionSettings;
  /** Ends the conversion at once. */
  readonly signal: AbortSignal;
}

/** What a conversion made. */
export interface ConversionResult {
  readonly format: SourceFormat;
  /** Size of the source after its EXIF orientation was applied. */
  readonly size: PixelSize;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/**
 * Streams a source through magick into the object store. The object appears when magick has ended well and said
 * nothing, or not at all.
 *
 * @throws TwirpError as ConvertImage documents, or the signal's reason
 */
export async function convertImage(
  dependencies: ConversionDependencies,
  { url, objectKey, settings, signal }: ConversionOrder,
): Promise<ConversionResult> {
  signal.throwIfAborted();
  // Ends what is still going on when the conversion has failed: the download above all.
  const ended = new AbortController();
  try {
    const source = await dependencies.fetcher.open(url, AbortSignal.any([signal, ended.signal]));
    const image = await openImage(source);
    return await dependencies.directories.use(async (directory) => {
      const run = runMagick(dependencies.magick, magickArguments(image.format, settings), directory);
      const kill = () => run.kill();
      signal.addEventListener("abort", kill, { once: true });
      try {
        const outputBytes = await transfer(dependencies, { image, run, objectKey, signal });
        return { format: image.format, size: image.shownSize, inputBytes: image.passedBytes, outputBytes };
      } finally {
        signal.removeEventListener("abort", kill);
        run.kill();
        run.stdout.destroy();
        // The directory may go when nobody writes there any more.
        await Promise.allSettled([run.exit]);
      }
    });
  } finally {
    ended.abort();
  }
}

interface Transfer {
  readonly image: OpenedImage;
  readonly run: MagickRun;
  readonly objectKey: string;
  readonly signal: AbortSignal;
}

async function transfer(
  { store, maxOutputBytes, metrics }: ConversionDependencies,
  { image, run, objectKey, signal }: Transfer,
): Promise<number> {
  const { promise: outputBytes, resolve: outputEnded } = Promise.withResolvers<number>();
  const magickEnded = watch(image, run, outputBytes, metrics);
  const fed = feed(image.bytes, run.stdin, run.exit);
  // Both are awaited at the end of the output; a failure before that must not count as unhandled.
  void Promise.allSettled([fed, magickEnded]);
  fed.catch(() => run.kill());

  let failure: unknown;
  async function* output() {
    let bytes = 0;
    const end = new PdfEnd();
    try {
      for await (const chunk of run.stdout) {
        bytes += chunk.length;
        end.push(chunk);
        if (bytes > maxOutputBytes) {
          throw overLimit("output_bytes", `the PDF is larger than ${maxOutputBytes} bytes`);
        }
        yield chunk;
      }
      outputEnded(bytes);
      // A source that broke off explains why magick failed, so it is told first.
      await fed;
      await magickEnded;
      if (!end.isWhole) {
        throw noRoom(new Error(`magick ended well, and its PDF of ${bytes} bytes has no end`));
      }
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      outputEnded(bytes);
    }
  }
  try {
    return await storeOutput(store, objectKey, output(), { contentType: "application/pdf", signal });
  } catch (error) {
    // Where nobody read on, nothing more comes out.
    outputEnded(0);
    signal.throwIfAborted();
    throw (
      failure ??
      (isTwirpError(error) ? error : blame(unavailable("the PDF cannot be stored", error), "object_store_write_failed"))
    );
  }
}

/** Waits for magick's end, in a span, and throws when it did not convert the image. */
async function watch(
  image: OpenedImage,
  run: MagickRun,
  outputBytes: Promise<number>,
  metrics: ConversionMetrics,
): Promise<void> {
  await withSpan("magick", { attributes: { "mcsv.image.format": image.format } }, async (span) => {
    const exit = await run.exit.catch((error: unknown) => {
      throw blame(unavailable("magick cannot be started", error), "magick_missing");
    });
    span.setAttributes({
      ...(exit.exitCode === null ? {} : { "process.exit.code": exit.exitCode }),
      ...(exit.signal === null ? {} : { "mcsv.magick.signal": exit.signal }),
      "mcsv.image.input_bytes": image.passedBytes,
      "mcsv.image.output_bytes": await outputBytes,
    });
    if (exit.usage !== undefined) {
      metrics.ran(image.format, exit.usage);
      span.setAttributes({
        "mcsv.magick.cpu_seconds": exit.usage.cpuSeconds,
        "mcsv.magick.peak_memory_bytes": exit.usage.peakMemoryBytes,
      });
    }
    const problem = magickVerdict(exit);
    if (problem !== undefined) {
      throw problem;
    }
  });
}

/**
 * Writes an image to magick. When magick goes before it has read everything, the rest is read all the same where it
 * went well, for the size; what follows the image is nobody's business.
 */
async function feed(bytes: AsyncIterable<Uint8Array>, stdin: Writable, exit: MagickRun["exit"]): Promise<void> {
  let isOpen = true;
  const close = () => {
    isOpen = false;
  };
  stdin.on("error", close);
  stdin.on("close", close);
  for await (const chunk of bytes) {
    if (isOpen && !stdin.write(chunk)) {
      await drained(stdin);
    }
    if (!isOpen && (await exit).exitCode !== 0) {
      return;
    }
  }
  stdin.end();
}

/** Resolves when a stream takes more, or never will. */
async function drained(stream: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.on("drain", resolve).on("close", resolve);
  if (!stream.closed) {
    await promise;
  }
  stream.off("drain", resolve).off("close", resolve);
}
