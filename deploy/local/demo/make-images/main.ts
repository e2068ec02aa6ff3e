import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageMagick, initializeImageMagick, MagickFormat } from "@imagemagick/magick-wasm";
import { projectDirectory } from "../../project-directory";
import { badge } from "./badge";
import { encodePng } from "./encode-png";
import { withExif } from "./exif";
import type { Picture } from "./paint";
import { balloon, mountainLake } from "./pictures";

/** Orientation of a camera held upright: the picture is stored on its side, its top at the right. */
const ON_ITS_SIDE = 6;
const JPEG_QUALITY = 88;

/** Paints the sample images again: `node dist/deploy/local/demo/make-images/main.js`. */
async function main(): Promise<void> {
  const directory = join(projectDirectory(), "deploy", "local", "demo", "images");
  await initializeImageMagick(await readFile(require.resolve("@imagemagick/magick-wasm/magick.wasm")));

  await writeFile(join(directory, "mountain-lake.png"), encodeRgb(1200, 800, mountainLake(1200, 800)));
  await writeFile(join(directory, "badge.png"), encodePng(badge(640)));
  const [width, height] = [800, 1200];
  const upright = balloon(width, height);
  const onItsSide = encodeRgb(height, width, (x, y) => upright(width - 1 - y, x));
  const jpeg = ImageMagick.read(onItsSide, MagickFormat.Png, (image) => {
    image.quality = JPEG_QUALITY;
    return image.write(MagickFormat.Jpeg, (bytes) => Buffer.from(bytes));
  });
  await writeFile(join(directory, "balloon.jpg"), withExif(jpeg, ON_ITS_SIDE));
}

function encodeRgb(width: number, height: number, picture: Picture): Buffer {
  const line = (y: number) =>
    Uint8Array.from(Array.from({ length: width }, (_, x) => picture(x, y)).flat(), (value) => Math.round(value));
  return encodePng({ width, height, bitDepth: 8, colourType: 2, line });
}

void main();
