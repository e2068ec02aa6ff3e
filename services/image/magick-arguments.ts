import type { Compression, ConversionSettings } from "./conversion-settings";
import type { SourceFormat } from "./sniff-format";

/** Colour of a page around and behind an image. In hexadecimal: names need a configuration file. */
const PAGE_COLOUR = "#ffffff";

/**
 * The command line of one conversion, from standard input to standard output. The same settings and bytes give the
 * same PDF, to the byte.
 */
export function magickArguments(format: SourceFormat, settings: ConversionSettings): string[] {
  return [
    ...["-limit", "thread", "1"],
    // Text chunks of a PNG that inflate to gigabytes are not covered by the resource limits of a policy.
    ...["-define", "png:chunk-malloc-max=1000000"],
    // The prefix decides who decodes, whatever the bytes look like.
    `${format}:-`,
    // An offset that the file asks for would move the image on the page.
    ...["-auto-orient", "+repage"],
    ...(settings.stripMetadata ? ["-strip"] : []),
    ...resize(settings),
    ...page(settings),
    ...["-units", "PixelsPerInch", "-density", String(settings.densityDpi)],
    ...compress(settings.compression),
    // Without these, the PDF carries the time and the name of a temporary file. An epoch of 0 stands for "now".
    ...["-define", "pdf:create-epoch=1", "-define", "pdf:modify-epoch=1", "-define", "pdf:title="],
    ...["-define", "pdf:thumbnail=false"],
    "pdf:-",
  ];
}

function resize({ maxWidthPx, maxHeightPx, page: canvas }: ConversionSettings): string[] {
  const width = smallest(maxWidthPx, canvas?.widthPx);
  const height = smallest(maxHeightPx, canvas?.heightPx);
  // ">" scales down only.
  return width === undefined && height === undefined
    ? []
    : ["-resize", `${width ?? ""}${height === undefined ? "" : `x${height}`}>`];
}

function page({ page: canvas }: ConversionSettings): string[] {
  if (canvas === undefined) {
    return [];
  }
  const flatten = ["-background", PAGE_COLOUR, "-alpha", "remove", "-alpha", "off"];
  // Gravity must not last: the PDF encoder would place the page on a sheet of its own choice.
  return [...flatten, "-gravity", "center", "-extent", `${canvas.widthPx}x${canvas.heightPx}`, "+gravity"];
}

function compress(compression: Compression): string[] {
  switch (compression.kind) {
    case "jpeg":
      return ["-compress", "JPEG", "-quality", String(compression.quality)];
    case "deflate":
      // The tens digit is zlib's level.
      return ["-compress", "Zip", "-quality", "75"];
    default:
      return compression satisfies never;
  }
}

function smallest(...bounds: (number | undefined)[]): number | undefined {
  const set = bounds.filter((bound) => bound !== undefined);
  return set.length === 0 ? undefined : Math.min(...set);
}
