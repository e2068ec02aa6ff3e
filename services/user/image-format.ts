import { ImageFormat } from "../../gen/twirp/mcsv/v1/image";

/** How many first bytes formatOf needs. */
export const FORMAT_BYTES = 8;

/** PNG signature (PNG specification, section 5.2). */
const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Start of image, and the first byte of the marker after it (ITU-T T.81, annex B). */
const JPEG_SIGNATURE = Uint8Array.of(0xff, 0xd8, 0xff);

/** A format that is accepted, as the database names it. */
export type SourceFormat = "png" | "jpeg";

/**
 * Tells the format of an image by its first bytes, never by its name.
 *
 * @returns undefined for anything but PNG and JPEG
 */
export function formatOf(firstBytes: Uint8Array): SourceFormat | undefined {
  if (startsWith(firstBytes, PNG_SIGNATURE)) {
    return "png";
  }
  return startsWith(firstBytes, JPEG_SIGNATURE) ? "jpeg" : undefined;
}

/** Media type of a format. */
export function contentTypeOf(format: SourceFormat): string {
  return `image/${format}`;
}

/** The format as the contract numbers it. */
export function formatToProto(format: SourceFormat): ImageFormat {
  return format === "png" ? ImageFormat.PNG : ImageFormat.JPEG;
}

/** @returns undefined for IMAGE_FORMAT_UNSPECIFIED and for numbers that the contract does not know */
export function formatFromProto(format: ImageFormat): SourceFormat | undefined {
  switch (format) {
    case ImageFormat.PNG:
      return "png";
    case ImageFormat.JPEG:
      return "jpeg";
    default:
      return undefined;
  }
}

function startsWith(bytes: Uint8Array, signature: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}
