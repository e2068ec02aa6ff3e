import { exifOrientation } from "./exif-orientation";
import type { ImageFacts } from "./image-inspector";
import type { Parser } from "./pull-parser";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
/** Markers 0xC0 to 0xCF that are not a start of frame: DHT, JPG and DAC. */
const NO_FRAME = new Set([0xc4, 0xc8, 0xcc]);
const MAX_FILL_BYTES = 1024;
const EXIF_START = Buffer.from("Exif\0\0", "latin1");

/** Reads the marker segments of a JPEG up to its pixels: ITU-T T.81, annex B.1. */
export function* parseJpeg(facts: ImageFacts): Parser {
  for (;;) {
    const marker = yield* nextMarker();
    if (marker === undefined || marker === SOS || marker === EOI) {
      return;
    }
    if (standsAlone(marker)) {
      continue;
    }
    const [high = 0, low = 0] = yield { take: 2 };
    const length = high * 256 + low - 2;
    if (length < 0) {
      return;
    }
    if (isFrame(marker) && length >= 5) {
      const [, y1 = 0, y0 = 0, x1 = 0, x0 = 0] = yield { take: 5 };
      facts.stored ??= { widthPx: x1 * 256 + x0, heightPx: y1 * 256 + y0 };
      yield { skip: length - 5 };
    } else if (marker === APP1) {
      const segment = yield { take: length };
      if (EXIF_START.equals(segment.subarray(0, EXIF_START.length))) {
        facts.orientation ??= exifOrientation(segment.subarray(EXIF_START.length));
      }
    } else {
      yield { skip: length };
    }
  }
}

/**
 * The next marker; 0xFF may be repeated before it: section B.1.1.2. Undefined where something else is, which is no
 * sound JPEG.
 */
function* nextMarker(): Generator<{ take: number }, number | undefined, Uint8Array> {
  let [byte] = yield { take: 1 };
  for (let fill = 0; byte === 0xff && fill < MAX_FILL_BYTES; fill++) {
    [byte] = yield { take: 1 };
    if (byte !== 0xff) {
      return byte === 0 ? undefined : byte;
    }
  }
  return undefined;
}

/** SOI, RST0 to RST7 and TEM have no length and no content. */
function standsAlone(marker: number): boolean {
  return marker === SOI || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker);
}
