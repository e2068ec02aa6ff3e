/** A PNG image of one pixel. */
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
  "base64",
);

/** What begins as a JPEG does; nothing here reads further. */
export const JPEG = Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex");

/** A PNG of exactly so many bytes; what follows the image is padding. */
export function pngOf(bytes: number): Buffer {
  return Buffer.concat([PNG], bytes);
}
