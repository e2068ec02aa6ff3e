import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { encodePng } from "../../../deploy/local/demo/make-images/encode-png";
import { resolveMagick } from "../../../deploy/local/magick/resolve-magick";
import { projectDirectory } from "../../../deploy/local/project-directory";
import { ConversionOptions, Quality } from "../../../gen/twirp/mcsv/v1/image";
import { toConversionSettings } from "../../../services/image/conversion-settings";
import { magickArguments } from "../../../services/image/magick-arguments";
import { readPdf } from "../../support/images/read-pdf";

/** An image of the load, and the one PDF that may become of it. */
export interface Picture {
  readonly png: Buffer;
  /** SHA-256 of the PDF, in hexadecimal. */
  readonly pdfHash: string;
}

const COUNT = 8;

/** How all of them are converted: so that the PDF has the very pixels of the image. */
export const PICTURE_OPTIONS: ConversionOptions = ConversionOptions.create({ quality: Quality.LOSSLESS });

/**
 * Makes images that differ from each other, and their PDFs by running magick itself: a PDF with an image's pixels, which is
 * looked at, is what the system has to come to by way of all its services.
 *
 * @throws Error when magick makes something else of an image
 */
export async function makePictures(): Promise<Picture[]> {
  const project = projectDirectory();
  const magick = await resolveMagick({ env: process.env, stateDirectory: join(project, ".local") });
  const env = {
    ...process.env,
    MAGICK_CONFIGURE_PATH: join(project, "services", "image", "policy"),
    MAGICK_THREAD_LIMIT: "1",
  };
  return Array.from({ length: COUNT }, (_, index) => {
    const { png, pixels } = draw(index);
    const pdf = execFileSync(magick.command, magickArguments("png", toConversionSettings(PICTURE_OPTIONS)), {
      input: png,
      env,
      maxBuffer: 64 * 1024 ** 2,
    });
    if (!readPdf(pdf).image.data.equals(pixels))
      throw new Error(`magick made a PDF of other pixels of picture ${index}`);
    return { png, pdfHash: hashOf(pdf) };
  });
}

/** SHA-256 in hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Colours that run into each other, another way in every picture. */
function draw(index: number): { png: Buffer; pixels: Buffer } {
  const width = 64 + 8 * index;
  const height = 48;
  const line = (y: number) =>
    Uint8Array.from(
      Array.from({ length: width }, (_, x) => [
        (x * 3 + index * 31) & 255,
        (y * 5) & 255,
        (x * y + index) & 255,
      ]).flat(),
    );
  const png = encodePng({ width, height, bitDepth: 8, colourType: 2, line });
  return { png, pixels: Buffer.concat(Array.from({ length: height }, (_, y) => line(y))) };
}
