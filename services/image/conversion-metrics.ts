import type { Meter } from "@opentelemetry/api";
import type { ConversionResult } from "./convert-image";
import type { MagickUsage } from "./magick-usage";
import type { SourceFormat } from "./sniff-format";

const KIB = 1024;
const MIB = 1024 * KIB;
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const BYTES = [16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB, 32 * MIB, 64 * MIB];
const MEMORY = [16 * MIB, 32 * MIB, 64 * MIB, 128 * MIB, 256 * MIB, 512 * MIB, 1024 * MIB, 2048 * MIB];
const RATIOS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 5, 10];

/** What is measured of conversions. Labels: `format` (png, jpeg, unknown) and `result` (ok, or the code of the Twirp error). */
export class ConversionMetrics {
  readonly #duration;
  readonly #input;
  readonly #output;
  readonly #ratio;
  readonly #pages;
  readonly #cpu;
  readonly #memory;

  constructor(meter: Meter) {
    const histogram = (name: string, unit: string, description: string, explicitBucketBoundaries: number[]) =>
      meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries } });
    this.#duration = histogram(
      "mcsv.conversion.duration",
      "s",
      "Time of a conversion, with waiting for a slot.",
      SECONDS,
    );
    this.#input = histogram("mcsv.conversion.input.size", "By", "Size of a source image.", BYTES);
    this.#output = histogram("mcsv.conversion.output.size", "By", "Size of a PDF.", BYTES);
    this.#ratio = histogram("mcsv.conversion.compression", "1", "Size of a PDF by that of its source.", RATIOS);
    this.#pages = meter.createCounter("mcsv.conversion.pages", { unit: "{page}", description: "Pages written." });
    this.#cpu = histogram("mcsv.magick.cpu.time", "s", "Processor time of a run of magick.", SECONDS);
    this.#memory = histogram("mcsv.magick.memory.peak", "By", "Largest resident set of a run of magick.", MEMORY);
  }

  /** Records a conversion that made a PDF: of one page, since an image is one. */
  completed({ format, inputBytes, outputBytes }: ConversionResult, seconds: number): void {
    this.#duration.record(seconds, { format, result: "ok" });
    this.#input.record(inputBytes, { format });
    this.#output.record(outputBytes, { format });
    this.#ratio.record(outputBytes / inputBytes, { format });
    this.#pages.add(1, { format });
  }

  /** Records a conversion that failed with a Twirp error of this code. */
  failed(code: string, seconds: number): void {
    this.#duration.record(seconds, { format: "unknown", result: code });
  }

  /** Records what a run of magick took. */
  ran(format: SourceFormat, { cpuSeconds, peakMemoryBytes }: MagickUsage): void {
    this.#cpu.record(cpuSeconds, { format });
    this.#memory.record(peakMemoryBytes, { format });
  }
}
