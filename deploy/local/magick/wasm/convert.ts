import {
  AlphaAction,
  CompressionMethod,
  Density,
  DensityUnit,
  Gravity,
  type IMagickImage,
  MagickColor,
  MagickError,
  MagickFormat,
  MagickGeometry,
  MagickImage,
  MagickReadSettings,
} from "@imagemagick/magick-wasm";
import type { Command, Step } from "./parse-arguments";

/** What came of a conversion: what magick would write to standard output and standard error, and its exit code. */
export interface Outcome {
  readonly pdf: Uint8Array | undefined;
  /** Lines as magick writes them: "text `' @ severity/file.c/Function/line". */
  readonly messages: readonly string[];
  readonly exitCode: 0 | 1;
}

/** Does what a command line says to an image. The library must have been initialised. */
export function convert(command: Extract<Command, { kind: "convert" }>, source: Uint8Array): Outcome {
  const messages: string[] = [];
  const image = MagickImage.create();
  image.onWarning = ({ error }) => void messages.push(...messagesOf(error));
  try {
    const settings = new MagickReadSettings({
      format: command.inputFormat === "png" ? MagickFormat.Png : MagickFormat.Jpeg,
    });
    for (const [name, value] of command.defines) {
      settings.setDefine(name, value);
    }
    image.read(source, settings);
    for (const [name, value] of command.defines) {
      image.settings.setDefine(name, value);
    }
    for (const step of command.steps) {
      apply(step, image);
    }
    // The bytes are the library's own and go with the image.
    const pdf = image.write(MagickFormat.Pdf, (bytes) => Uint8Array.from(bytes));
    return { pdf, messages, exitCode: 0 };
  } catch (error) {
    if (error instanceof MagickError) {
      return { pdf: undefined, messages: [...messages, ...messagesOf(error)], exitCode: 1 };
    }
    throw error;
  } finally {
    image.dispose();
  }
}

function messagesOf(error: MagickError): string[] {
  return [...error.relatedErrors.map(({ message }) => message), error.message];
}

function apply(step: Step, image: IMagickImage): void {
  switch (step.kind) {
    case "auto-orient":
      image.autoOrient();
      break;
    case "repage":
      image.resetPage();
      break;
    case "strip":
      image.strip();
      break;
    case "resize":
      image.resize(new MagickGeometry(step.geometry));
      break;
    case "background":
      image.backgroundColor = new MagickColor(step.colour);
      break;
    case "alpha-remove":
      image.alpha(AlphaAction.Remove);
      break;
    case "alpha-off":
      image.alpha(AlphaAction.Off);
      break;
    case "gravity-center":
    case "gravity-none":
      // Only extent() heeds it, and is told below.
      break;
    case "extent":
      image.extent(step.widthPx, step.heightPx, Gravity.Center);
      break;
    case "density":
      image.density = new Density(step.dpi, step.dpi, DensityUnit.PixelsPerInch);
      break;
    case "compress":
      image.settings.compression = step.method === "JPEG" ? CompressionMethod.JPEG : CompressionMethod.Zip;
      break;
    case "quality":
      image.quality = step.quality;
      break;
    default:
      step satisfies never;
  }
}
