import { deflateSync } from "node:zlib";
import { encodeChunk, type PngChunk } from "../../../deploy/local/demo/make-images/encode-png";
import { encodeAs, quartersPng } from "./make-image";

/** An image, or what pretends to be one, that must not become a PDF. */
export interface HostileImage {
  /** What it is, as a continuation of "refuses". */
  readonly name: string;
  readonly bytes: () => Promise<Buffer> | Buffer;
  /** Twirp code of the refusal, and the limit that it names. */
  readonly code: "invalid_argument" | "resource_exhausted";
  readonly limit?: string;
}

const MEGABYTE = 1_000_000;

/** Everything that FINDINGS and experience know; all must be refused fast and in little memory. */
export const HOSTILE_IMAGES: readonly HostileImage[] = [
  { name: "an empty file", bytes: () => Buffer.alloc(0), code: "invalid_argument" },
  { name: "a file of one byte", bytes: () => Buffer.from([0x89]), code: "invalid_argument" },
  {
    name: "a PNG signature with nothing behind it",
    bytes: () => quartersPng(2, 2).subarray(0, 8),
    code: "invalid_argument",
  },
  { name: "a JPEG that is three bytes long", bytes: () => Buffer.from([0xff, 0xd8, 0xff]), code: "invalid_argument" },
  { name: "text", bytes: () => Buffer.from("hello, world\n"), code: "invalid_argument" },
  { name: "an SVG that reads a file", bytes: () => Buffer.from(SVG), code: "invalid_argument" },
  { name: "an MVG that fetches a URL", bytes: () => Buffer.from(MVG), code: "invalid_argument" },
  { name: "an MSL script", bytes: () => Buffer.from(MSL), code: "invalid_argument" },
  { name: "an SVG behind a PNG signature", bytes: () => behindSignature(SVG), code: "invalid_argument" },
  { name: "an MVG behind the start of a JPEG", bytes: () => behindJpegStart(MVG), code: "invalid_argument" },
  { name: "an MSL script behind a PNG signature", bytes: () => behindSignature(MSL), code: "invalid_argument" },
  { name: "the name of a file after an at sign", bytes: () => Buffer.from("@/etc/passwd"), code: "invalid_argument" },
  { name: "a URL", bytes: () => Buffer.from("https://example.com/a.png"), code: "invalid_argument" },
  { name: "PostScript", bytes: () => Buffer.from("%!PS-Adobe-3.0 EPSF-3.0\nshowpage\n"), code: "invalid_argument" },
  { name: "a GIF", bytes: () => encodeAs(quartersPng(8, 8), "gif"), code: "invalid_argument" },
  { name: "a WebP", bytes: () => encodeAs(quartersPng(8, 8), "webp"), code: "invalid_argument" },
  { name: "a TIFF", bytes: () => encodeAs(quartersPng(8, 8), "tiff"), code: "invalid_argument" },
  { name: "a BMP", bytes: () => encodeAs(quartersPng(8, 8), "bmp"), code: "invalid_argument" },
  { name: "a PDF", bytes: () => encodeAs(quartersPng(8, 8), "pdf"), code: "invalid_argument" },
  { name: "a PNG cut off in its pixels", bytes: () => cut(quartersPng(200, 200), 0.6), code: "invalid_argument" },
  { name: "a PNG without its end", bytes: () => quartersPng(8, 8).subarray(0, -12), code: "invalid_argument" },
  {
    name: "a PNG with a bit flipped in its pixels",
    bytes: () => flipped(quartersPng(64, 64)),
    code: "invalid_argument",
  },
  { name: "a PNG with no pixels at all", bytes: () => pngOf([header(8, 8)]), code: "invalid_argument" },
  { name: "a PNG of no width", bytes: () => pngOf([header(0, 8)]), code: "invalid_argument" },
  { name: "a PNG whose first chunk is not its header", bytes: () => pngOf([text("a", "b")]), code: "invalid_argument" },
  { name: "a JPEG cut off in its pixels", bytes: async () => cut(await jpeg(200), 0.6), code: "invalid_argument" },
  { name: "a JPEG without its end", bytes: async () => (await jpeg(40)).subarray(0, -2), code: "invalid_argument" },
  {
    name: "a JPEG cut off in its header",
    bytes: async () => (await jpeg(40)).subarray(0, 30),
    code: "invalid_argument",
  },
  { name: "a JPEG of no height", bytes: async () => withJpegSize(await jpeg(40), 40, 0), code: "invalid_argument" },
  {
    name: "a PNG that says it has 100,000 pixels in width",
    bytes: () => pngOf([header(100_000, 1), pixels(10)]),
    code: "resource_exhausted",
    limit: "width_px",
  },
  {
    name: "a PNG that says it has 2^31 - 1 pixels in height",
    bytes: () => pngOf([header(1, 0x7fffffff), pixels(10)]),
    code: "resource_exhausted",
    limit: "height_px",
  },
  {
    name: "a decompression bomb of 144 million pixels",
    bytes: () => pngOf([header(12_000, 12_000), pixels(3 * MEGABYTE)]),
    code: "resource_exhausted",
    limit: "area_px",
  },
  {
    name: "a JPEG that says it has 65,535 pixels each way",
    bytes: async () => withJpegSize(await jpeg(40), 65_535, 65_535),
    code: "resource_exhausted",
    limit: "width_px",
  },
  {
    name: "a PNG whose header is small and whose pixels are missing, of the largest size admitted",
    bytes: () => pngOf([header(12_000, 5_333), pixels(1000)]),
    code: "invalid_argument",
  },
  { name: "200 text chunks that inflate to 7 MB each", bytes: () => textBomb("zTXt", 200), code: "invalid_argument" },
  { name: "a text chunk that inflates to 100 MB", bytes: () => textBomb("zTXt", 1, 100), code: "invalid_argument" },
  {
    name: "an EXIF block that points beyond its end, in a JPEG cut off",
    bytes: async () =>
      cut(withSegment(await jpeg(80), 0xe1, Buffer.from("Exif\0\0MM\0*\xff\xff\xff\xff", "latin1")), 0.7),
    code: "invalid_argument",
  },
];

const SVG = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="100" height="100"><image xlink:href="file:///etc/passwd" width="100" height="100"/></svg>`;
const MVG =
  "push graphic-context\nviewbox 0 0 640 480\nfill 'url(https://127.0.0.1:1/x.png\"|touch \"/tmp/mcsv-pwned)'\npop graphic-context\n";
const MSL = '<?xml version="1.0"?><image><read filename="/etc/passwd"/><write filename="/tmp/mcsv-pwned"/></image>';

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

function behindSignature(content: string): Buffer {
  return Buffer.concat([SIGNATURE, Buffer.from(content)]);
}

function behindJpegStart(content: string): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xfe]), Buffer.from(content)]);
}

function cut(image: Buffer, part: number): Buffer {
  return image.subarray(0, Math.floor(image.length * part));
}

function jpeg(size: number): Promise<Buffer> {
  return encodeAs(quartersPng(size, size), "jpeg");
}

function flipped(png: Buffer): Buffer {
  const at = png.indexOf("IDAT") + 40;
  const copy = Buffer.from(png);
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}

/** A PNG with these chunks, right or wrong, and an end. */
function pngOf(chunks: readonly PngChunk[]): Buffer {
  return Buffer.concat([SIGNATURE, ...[...chunks, { type: "IEND", content: Buffer.alloc(0) }].map(encodeChunk)]);
}

/** Header of an 8-bit grey image. */
function header(width: number, height: number): PngChunk {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(width, 0);
  content.writeUInt32BE(height, 4);
  content[8] = 8;
  return { type: "IHDR", content };
}

/** Pixel data of so many zero bytes, however many the header asks for. */
function pixels(bytes: number): PngChunk {
  return { type: "IDAT", content: deflateSync(Buffer.alloc(bytes)) };
}

function text(keyword: string, content: string): PngChunk {
  return { type: "tEXt", content: Buffer.from(`${keyword}\0${content}`, "latin1") };
}

/** A sound PNG with text chunks that inflate to so much. */
export function textBomb(type: "zTXt" | "iTXt", chunks: number, megabytes = 7): Buffer {
  const deflated = deflateSync(Buffer.alloc(megabytes * MEGABYTE, "a"));
  // iTXt: compression flag, method, no language, no translated keyword (section 11.3.3.4).
  const head = type === "zTXt" ? "Comment\0\0" : "Comment\0\x01\0\0\0";
  const chunk = { type, content: Buffer.concat([Buffer.from(head, "latin1"), deflated]) };
  return quartersPng(8, 8, { before: Array.from({ length: chunks }, () => chunk) });
}

/** Overwrites the size in the frame header (T.81, section B.2.2). */
function withJpegSize(image: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(image);
  const frame = copy.indexOf(Buffer.from([0xff, 0xc0]));
  copy.writeUInt16BE(height, frame + 5);
  copy.writeUInt16BE(width, frame + 7);
  return copy;
}

/** Puts a marker segment behind the first marker. */
export function withSegment(image: Buffer, marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([image.subarray(0, 2), head, content, image.subarray(2)]);
}
