import { describe, expect, it } from "vitest";
import { ConversionOptions, PageSize, Quality } from "../../../../gen/twirp/mcsv/v1/image";
import { toConversionSettings } from "../../../../services/image/conversion-settings";
import { magickArguments } from "../../../../services/image/magick-arguments";
import { parseArguments, UnsupportedArgumentError } from "./parse-arguments";

describe("parseArguments", () => {
  it.each([
    {},
    { quality: Quality.LOSSLESS, stripMetadata: true },
    { quality: Quality.LOW, pageSize: PageSize.A4, maxWidthPx: 100, maxHeightPx: 200 },
    { pageSize: PageSize.LETTER, densityDpi: 36 },
    { maxWidthPx: 100 },
    { maxHeightPx: 200 },
  ])("understands all that the image service says for %o", (options) => {
    const settings = toConversionSettings(ConversionOptions.create(options));
    expect(parseArguments(magickArguments("png", settings))).toMatchObject({ kind: "convert", inputFormat: "png" });
    expect(parseArguments(magickArguments("jpeg", settings))).toMatchObject({ inputFormat: "jpeg" });
  });

  it("keeps operations and settings in order, and defines apart", () => {
    const args = "png:- -auto-orient -resize 10x20> -density 72 -define pdf:title= -define a:b=c=d -quality 5 pdf:-";
    expect(parseArguments(args.split(" "))).toEqual({
      kind: "convert",
      inputFormat: "png",
      steps: [
        { kind: "auto-orient" },
        { kind: "resize", geometry: "10x20>" },
        { kind: "density", dpi: 72 },
        { kind: "quality", quality: 5 },
      ],
      defines: [
        ["pdf:title", ""],
        ["a:b", "c=d"],
      ],
    });
  });

  it("knows the question for the version", () => {
    expect(parseArguments(["-version"])).toEqual({ kind: "version" });
  });

  it.each([
    ["nothing", ""],
    ["a file to read", "/etc/passwd pdf:-"],
    ["a list of files", "@/etc/passwd pdf:-"],
    ["another format", "svg:- pdf:-"],
    ["no image", "-strip pdf:-"],
    ["two images", "png:- png:- pdf:-"],
    ["a file to write", "png:- out.pdf"],
    ["another format to write", "png:- png:-"],
    ["an unknown option", "png:- -blur 3 pdf:-"],
    ["an option without its value", "png:- -resize pdf:-"],
    ["a resize that may enlarge", "png:- -resize 10x20 pdf:-"],
    ["another limit", "-limit memory 1GiB png:- pdf:-"],
    ["another unit", "png:- -units PixelsPerCentimeter pdf:-"],
  ])("refuses %s", (_, line) => {
    expect(() => parseArguments(line.split(" "))).toThrow(UnsupportedArgumentError);
  });
});
