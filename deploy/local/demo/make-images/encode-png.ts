import { crc32, deflateSync } from "node:zlib";

/** A chunk of a PNG: four letters and its content. */
export interface PngChunk {
  readonly type: string;
  readonly content: Uint8Array;
}

/** What a PNG is made of. Lines are as the file stores them before filtering: W3C PNG (Third Edition), section 7. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: 1 | 2 | 4 | 8 | 16;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha: section 11.2.1. */
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  /** The bytes of line `y`. */
  readonly line: (y: number) => Uint8Array;
  /** Chunks between header and pixels, such as PLTE and tRNS. */
  readonly before?: readonly PngChunk[];
  /** Chunks after the pixels. */
  readonly after?: readonly PngChunk[];
}

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

/** Encodes a PNG that is not interlaced. Palette lines go unfiltered, others with the filter that suits each best. */
export function encodePng(image: PngImage): Buffer {
  const { width, height, bitDepth, colourType, before = [], after = [] } = image;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colourType], 8);
  const isFiltered = colourType !== 3 && bitDepth >= 8;
  const pixelBytes = Math.max(1, (SAMPLES[colourType] * bitDepth) / 8);
  const lines: Uint8Array[] = [];
  let above: Uint8Array = new Uint8Array(image.line(0).length);
  for (let y = 0; y < height; y++) {
    const line = image.line(y);
    lines.push(isFiltered ? bestFiltered(line, above, pixelBytes) : Buffer.concat([Uint8Array.of(0), line]));
    above = line;
  }
  const pixels = deflateSync(Buffer.concat(lines), { level: 9 });
  return Buffer.concat([
    SIGNATURE,
    encodeChunk({ type: "IHDR", content: header }),
    ...before.map(encodeChunk),
    encodeChunk({ type: "IDAT", content: pixels }),
    ...after.map(encodeChunk),
    encodeChunk({ type: "IEND", content: new Uint8Array() }),
  ]);
}

/** Length, type, content and checksum: section 5.3. */
export function encodeChunk({ type, content }: PngChunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** Filters a line with Sub, Up or Paeth (section 9.2), whichever leaves the smallest differences (section 12.7). */
function bestFiltered(line: Uint8Array, above: Uint8Array, pixelBytes: number): Uint8Array {
  let best = new Uint8Array();
  let smallest = Number.POSITIVE_INFINITY;
  for (const filter of [1, 2, 4]) {
    const filtered = new Uint8Array(line.length + 1);
    filtered[0] = filter;
    let sum = 0;
    for (let i = 0; i < line.length; i++) {
      const left = i < pixelBytes ? 0 : (line[i - pixelBytes] ?? 0);
      const up = above[i] ?? 0;
      const corner = i < pixelBytes ? 0 : (above[i - pixelBytes] ?? 0);
      const guess = filter === 1 ? left : filter === 2 ? up : paeth(left, up, corner);
      const difference = ((line[i] ?? 0) - guess) & 0xff;
      filtered[i + 1] = difference;
      sum += difference < 128 ? difference : 256 - difference;
    }
    if (sum < smallest) {
      smallest = sum;
      best = filtered;
    }
  }
  return best;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(estimate - value)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toUp && toLeft <= toCorner) {
    return left;
  }
  return toUp <= toCorner ? up : corner;
}
