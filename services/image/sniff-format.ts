/** A format that is converted, by the name that ImageMagick has for it. */
export type SourceFormat = "png" | "jpeg";

/** PNG signature: W3C PNG (Third Edition), section 5.2. */
const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** SOI and the 0xFF that begins the next marker: ITU-T T.81, section B.1.1. */
const JPEG_START = Uint8Array.of(0xff, 0xd8, 0xff);

/** Number of bytes after which {@link sniffFormat} has its final answer. */
export const SNIFF_BYTES = PNG_SIGNATURE.length;

/**
 * The format of an image by its first bytes; names and declared types do not matter.
 *
 * @returns undefined when it is neither PNG nor JPEG, or shorter than their signatures
 */
export function sniffFormat(start: Uint8Array): SourceFormat | undefined {
  if (startsWith(start, PNG_SIGNATURE)) {
    return "png";
  }
  return startsWith(start, JPEG_START) ? "jpeg" : undefined;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, index) => bytes[index] === byte);
}
