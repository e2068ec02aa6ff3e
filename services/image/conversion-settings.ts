import { type ConversionOptions, PageSize, Quality } from "../../gen/twirp/mcsv/v1/image";
import { checkPixelLimits, type PixelSize } from "./image-limits";

/** How the pixels are stored in the PDF. */
export type Compression = { readonly kind: "jpeg"; readonly quality: number } | { readonly kind: "deflate" };

/** A conversion as ordered, with every default filled in. */
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
const MM_PER_INCH = 25.4;

/**
 * Reads the options of a request and fills in the defaults.
 *
 * @throws TwirpError resource_exhausted when a page of that density has more pixels than are converted
 */
export function toConversionSettings(options: ConversionOptions | undefined): ConversionSettings {
  const densityDpi = options?.densityDpi || DEFAULT_DENSITY_DPI;
  const page = toPage(options?.pageSize ?? PageSize.UNSPECIFIED, densityDpi);
  if (page !== undefined) {
    checkPixelLimits(`the page at ${densityDpi} dpi`, page);
  }
  return {
    compression: toCompression(options?.quality ?? Quality.UNSPECIFIED),
    densityDpi,
    page,
    maxWidthPx: options?.maxWidthPx || undefined,
    maxHeightPx: options?.maxHeightPx || undefined,
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
      return quality satisfies never;
  }
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
      return pageSize satisfies never;
  }
}
