/** Orientation of an image whose pixels are stored the way they are shown: EXIF 2.32, tag 0x0112. */
export const UPRIGHT = 1;

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;

/**
 * The orientation (1 to 8) that an EXIF block asks for, or undefined when it does not say, or says nonsense.
 *
 * @param tiff the block from its TIFF header on: "II" or "MM" (TIFF 6.0, section 2)
 */
export function exifOrientation(tiff: Uint8Array): number | undefined {
  const bytes = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (bytes.byteLength < 8) {
    return undefined;
  }
  const byteOrder = bytes.getUint16(0);
  if (byteOrder !== 0x4949 && byteOrder !== 0x4d4d) {
    return undefined;
  }
  const little = byteOrder === 0x4949;
  const directory = bytes.getUint32(4, little);
  if (bytes.getUint16(2, little) !== 42 || directory + 2 > bytes.byteLength) {
    return undefined;
  }
  const entries = bytes.getUint16(directory, little);
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * ENTRY_BYTES;
    if (entry + ENTRY_BYTES > bytes.byteLength) {
      return undefined;
    }
    if (bytes.getUint16(entry, little) === ORIENTATION_TAG) {
      const value = bytes.getUint16(entry + 8, little);
      return bytes.getUint16(entry + 2, little) === SHORT && value >= 1 && value <= 8 ? value : undefined;
    }
  }
  return undefined;
}

/** Whether an orientation turns the image on its side, so that width and height change places. */
export function isSideways(orientation: number): boolean {
  return orientation >= 5 && orientation <= 8;
}
