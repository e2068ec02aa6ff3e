import { type ConversionOptions, PageSize, Quality } from "../../gen/twirp/mcsv/v1/image";
import { invalidArgument } from "../platform/twirp/errors";
import { checkPixelLimits, MAX_SIDE_PX, type PixelSize } from "./image-limits";

/** How the pixels are stored in the PDF. */
export type Compression = { readonly kind: "jpeg"; readonly quality: number } | { readonly kind: "deflate" };

/** A conversion as ordered, checked and with every default filled in. */
export interface ConversionSettings {
  readonly compression: Compression;
  /** Dots per inch. */
  readonly densityDpi: number;
  /** The page in pixels at that density; undefined for a page that fits the image. */
  readonly page: PixelSize | undefined;
  /** The image is scaled down into these bounds, never up; undefined where there is no bound. */
  readonly maxWidthPx: number | undefined;
  readonly maxHeightPx: number | undefined;
  readonly stripMetadata: boolean;
}

const DEFAULT_DENSITY_DPI = 300;
const MIN_DENSITY_DPI = 36;
const MAX_DENSITY_DPI = 1200;
const MM_PER_INCH = 25.4;

/**
 * Checks the options of a request and fills in the defaults.
 *
 * @throws TwirpError invalid_argument, its argument below `options.`; resource_exhausted when a page of that density
 *   has more pixels than are converted
 */
export function toConversionSettings(options: ConversionOptions | undefined): ConversionSettings {
  const densityDpi = toDensity(options?.densityDpi ?? 0);
  const page = toPage(options?.pageSize ?? PageSize.UNSPECIFIED, densityDpi);
  if (page !== undefined) {
    checkPixelLimits(`the page at ${densityDpi} dpi`, page);
  }
  return {
    compression: toCompression(options?.quality ?? Quality.UNSPECIFIED),
    densityDpi,
    page,
    maxWidthPx: toBound("options.max_width_px", options?.maxWidthPx ?? 0),
    maxHeightPx: toBound("options.max_height_px", options?.maxHeightPx ?? 0),
    stripMetadata: options?.stripMetadata ?? false,
  };
}

function toCompression(quality: Quality): Compression {
  switch (quality) {
    case Quality.LOW:
      return { kind: "jpeg", quality: 50 };
    case Quality.MEDIUM:
      return { kind: "jpeg", quality: 75 };
    case Quality.UNSPECIFIED:
    case Quality.HIGH:
      return { kind: "jpeg", quality: 95 };
    case Quality.LOSSLESS:
      return { kind: "deflate" };
    default:
      throw unknownValue("options.quality", quality);
  }
}

function toDensity(dpi: number): number {
  if (dpi === 0) {
    return DEFAULT_DENSITY_DPI;
  }
  if (dpi < MIN_DENSITY_DPI || dpi > MAX_DENSITY_DPI) {
    throw invalidArgument(
      "options.density_dpi",
      `must be 0 or from ${MIN_DENSITY_DPI} to ${MAX_DENSITY_DPI}, not ${dpi}`,
    );
  }
  return dpi;
}

function toPage(pageSize: PageSize, dpi: number): PixelSize | undefined {
  switch (pageSize) {
    case PageSize.UNSPECIFIED:
    case PageSize.FIT_IMAGE:
      return undefined;
    case PageSize.A4:
      return { widthPx: Math.round((210 / MM_PER_INCH) * dpi), heightPx: Math.round((297 / MM_PER_INCH) * dpi) };
    case PageSize.LETTER:
      return { widthPx: Math.round(8.5 * dpi), heightPx: 11 * dpi };
    default:
      throw unknownValue("options.page_size", pageSize);
  }
}

function toBound(argument: string, px: number): number | undefined {
  if (px > MAX_SIDE_PX) {
    throw invalidArgument(argument, `must be at most ${MAX_SIDE_PX}, not ${px}`);
  }
  return px === 0 ? undefined : px;
}

/** proto3 enums are open: a newer caller may send a value that this service does not know. */
function unknownValue(argument: string, value: never) {
  return invalidArgument(argument, `has the unknown value ${String(value)}`);
}
