import { describe, expect, it } from "vitest";
import type { ConversionSettings } from "./conversion-settings";
import { magickArguments } from "./magick-arguments";

const DEFAULTS: ConversionSettings = {
  compression: { kind: "jpeg", quality: 95 },
  densityDpi: 300,
  page: undefined,
  maxWidthPx: undefined,
  maxHeightPx: undefined,
  stripMetadata: false,
};

function argumentsOf(settings: Partial<ConversionSettings>): string {
  return magickArguments("png", { ...DEFAULTS, ...settings }).join(" ");
}

describe("magickArguments", () => {
  it("reads the image in one named format from standard input, and writes a PDF to standard output", () => {
    expect(magickArguments("jpeg", DEFAULTS)).toContain("jpeg:-");
    expect(magickArguments("png", DEFAULTS)).toContain("png:-");
    expect(magickArguments("png", DEFAULTS).at(-1)).toBe("pdf:-");
  });

  it("sets limits before the image is read", () => {
    expect(argumentsOf({})).toMatch(/^-limit thread 1 -define png:chunk-malloc-max=1000000 png:-/);
  });

  it("pins everything that would differ from run to run", () => {
    expect(argumentsOf({})).toContain("-define pdf:create-epoch=1 -define pdf:modify-epoch=1 -define pdf:title= ");
  });

  it.each([
    [{ kind: "jpeg", quality: 50 }, "-compress JPEG -quality 50"],
    [{ kind: "deflate" }, "-compress Zip"],
  ] as const)("compresses by %o", (compression, expected) => {
    expect(argumentsOf({ compression })).toContain(expected);
  });

  it("scales down only, into the smaller of bounds and page", () => {
    const page = { widthPx: 2480, heightPx: 3508 };
    expect(argumentsOf({})).not.toContain("-resize");
    expect(argumentsOf({ maxWidthPx: 500 })).toContain("-resize 500> ");
    expect(argumentsOf({ maxHeightPx: 400 })).toContain("-resize x400> ");
    expect(argumentsOf({ page })).toContain("-resize 2480x3508> ");
    expect(argumentsOf({ page, maxWidthPx: 500, maxHeightPx: 9000 })).toContain("-resize 500x3508> ");
  });

  it("puts the image upright before it is scaled and stripped", () => {
    expect(argumentsOf({ stripMetadata: true, maxWidthPx: 5 })).toMatch(/-auto-orient .*-strip .*-resize/);
    expect(argumentsOf({})).not.toContain("-strip");
  });
});
