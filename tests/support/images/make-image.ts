import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import {
  ColorSpace,
  type IMagickImage,
  ImageMagick,
  Interlace,
  initializeImageMagick,
  MagickFormat,
} from "@imagemagick/magick-wasm";
import { encodePng, type PngChunk } from "../../../deploy/local/demo/make-images/encode-png";

/** Red, green, blue and possibly alpha. */
export type Pixel = readonly number[];

/** Colours of the four quarters of every test image: upper left, upper right, lower left, lower right. */
export const QUARTERS = {
  red: [220, 20, 20],
  green: [20, 200, 20],
  blue: [20, 20, 220],
  white: [250, 250, 250],
} as const;

/** The colour of a test image at a place; the quarters differ, so that turning and mirroring shows. */
export function quarterAt(x: number, y: number, width: number, height: number): Pixel {
  const [upper, lower] = x < width / 2 ? [QUARTERS.red, QUARTERS.blue] : [QUARTERS.green, QUARTERS.white];
  return y < height / 2 ? upper : lower;
}

/** An RGB PNG of four quarters. */
export function quartersPng(
  width: number,
  height: number,
  chunks: { before?: PngChunk[]; after?: PngChunk[] } = {},
): Buffer {
  const line = (y: number) =>
    Uint8Array.from(Array.from({ length: width }, (_, x) => quarterAt(x, y, width, height)).flat());
  return encodePng({ width, height, bitDepth: 8, colourType: 2, line, ...chunks });
}

/** Ways to encode an image that our own encoder does not know. */
export type Encoding =
  | "jpeg"
  | "progressive-jpeg"
  | "grey-jpeg"
  | "cmyk-jpeg"
  | "interlaced-png"
  | "gif"
  | "webp"
  | "tiff"
  | "bmp"
  | "pdf"
  | "svg";

/** Encodes a PNG anew. */
export async function encodeAs(png: Uint8Array, encoding: Encoding): Promise<Buffer> {
  await initialize();
  return ImageMagick.read(png, MagickFormat.Png, (image) => {
    image.quality = 92;
    prepare(image, encoding);
    return image.write(formatOf(encoding), (bytes) => Buffer.from(bytes));
  });
}

/** The colour of a decoded image at a place. */
export async function pixelOf(encoded: Uint8Array, x: number, y: number): Promise<Pixel> {
  await initialize();
  return ImageMagick.read(encoded, (image) => {
    image.colorSpace = ColorSpace.sRGB;
    return image.getPixels((pixels) => Array.from(pixels.getPixel(x, y)).slice(0, 3));
  });
}

/** Whether two colours look the same, lossy compression aside. */
export function isClose(one: Pixel, other: Pixel): boolean {
  return one.every((value, channel) => Math.abs(value - (other[channel] ?? 0)) < 40);
}

function prepare(image: IMagickImage, encoding: Encoding): void {
  if (encoding === "cmyk-jpeg") {
    image.colorSpace = ColorSpace.CMYK;
  } else if (encoding === "grey-jpeg") {
    image.colorSpace = ColorSpace.Gray;
  } else if (encoding === "progressive-jpeg" || encoding === "interlaced-png") {
    image.settings.interlace = encoding === "interlaced-png" ? Interlace.Png : Interlace.Jpeg;
  }
}

function formatOf(encoding: Encoding): MagickFormat {
  switch (encoding) {
    case "jpeg":
    case "progressive-jpeg":
    case "grey-jpeg":
    case "cmyk-jpeg":
      return MagickFormat.Jpeg;
    case "interlaced-png":
      return MagickFormat.Png;
    case "gif":
      return MagickFormat.Gif;
    case "webp":
      return MagickFormat.WebP;
    case "tiff":
      return MagickFormat.Tiff;
    case "bmp":
      return MagickFormat.Bmp;
    case "pdf":
      return MagickFormat.Pdf;
    case "svg":
      return MagickFormat.Svg;
    default:
      return encoding satisfies never;
  }
}

/** The library keeps one instance for the process and does nothing the second time. */
async function initialize(): Promise<void> {
  const library = createRequire(__filename).resolve("@imagemagick/magick-wasm/magick.wasm");
  await initializeImageMagick(await readFile(library));
}
