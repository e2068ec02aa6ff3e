import { blame, resourceExhausted } from "../platform/twirp/errors";

/** Longest side of an image in pixels, in either direction; policy.xml says the same (12KP). */
export const MAX_SIDE_PX = 12_000;

/** Most pixels of an image; policy.xml says the same (64MP). */
export const MAX_AREA_PX = 64_000_000;

/** Width and height in pixels. */
export interface PixelSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What can be exceeded, as `meta.limit` names it. */
export type LimitName = "input_bytes" | "output_bytes" | "width_px" | "height_px" | "area_px" | "memory" | "page_px";

/**
 * The error for an image that exceeds a limit: `resource_exhausted` that no retry cures (`meta.permanent` is "true").
 *
 * @param message what is exceeded and by what, for a person
 */
export function overLimit(limit: LimitName, message: string) {
  return blame(resourceExhausted(message, { limit, permanent: "true" }), "image_too_large");
}

/**
 * Refuses an image, or a page, that has too many pixels.
 *
 * @param what begins the message: "the image"
 * @throws TwirpError resource_exhausted
 */
export function checkPixelLimits(what: string, { widthPx, heightPx }: PixelSize): void {
  const size = `${what} has ${widthPx} x ${heightPx} pixels`;
  if (widthPx > MAX_SIDE_PX) {
    throw overLimit("width_px", `${size}: at most ${MAX_SIDE_PX} pixels in width are converted`);
  }
  if (heightPx > MAX_SIDE_PX) {
    throw overLimit("height_px", `${size}: at most ${MAX_SIDE_PX} pixels in height are converted`);
  }
  if (widthPx * heightPx > MAX_AREA_PX) {
    throw overLimit("area_px", `${size}: at most ${MAX_AREA_PX / 1_000_000} million pixels are converted`);
  }
}
