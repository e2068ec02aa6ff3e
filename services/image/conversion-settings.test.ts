import { describe, expect, it } from "vitest";
import { ConversionOptions, PageSize, Quality } from "../../gen/twirp/mcsv/v1/image";
import { toConversionSettings } from "./conversion-settings";

function settingsOf(options: Partial<ConversionOptions>) {
  return toConversionSettings(ConversionOptions.create(options));
}

describe("toConversionSettings", () => {
  it("fills in the defaults", () => {
    const defaults = {
      compression: { kind: "jpeg", quality: 95 },
      densityDpi: 300,
      page: undefined,
      maxWidthPx: undefined,
      maxHeightPx: undefined,
      stripMetadata: false,
    };
    expect(toConversionSettings(undefined)).toEqual(defaults);
    expect(settingsOf({})).toEqual(defaults);
    expect(settingsOf({ quality: Quality.HIGH, pageSize: PageSize.FIT_IMAGE, densityDpi: 300 })).toEqual(defaults);
  });

  it.each([
    [Quality.LOW, { kind: "jpeg", quality: 50 }],
    [Quality.MEDIUM, { kind: "jpeg", quality: 75 }],
    [Quality.HIGH, { kind: "jpeg", quality: 95 }],
    [Quality.LOSSLESS, { kind: "deflate" }],
  ])("takes quality %i", (quality, compression) => {
    expect(settingsOf({ quality }).compression).toEqual(compression);
  });

  it("knows the pages in pixels at the density", () => {
    expect(settingsOf({ pageSize: PageSize.A4 }).page).toEqual({ widthPx: 2480, heightPx: 3508 });
    expect(settingsOf({ pageSize: PageSize.LETTER, densityDpi: 72 }).page).toEqual({ widthPx: 612, heightPx: 792 });
  });

  it.each([36, 1200])("admits %i dots per inch", (densityDpi) => {
    expect(settingsOf({ densityDpi }).densityDpi).toBe(densityDpi);
  });

  it("refuses a page that has more pixels than are converted, for good", () => {
    expect(() => settingsOf({ pageSize: PageSize.A4, densityDpi: 1200 })).toThrow(
      expect.objectContaining({
        code: "resource_exhausted",
        meta: { cause: "image_too_large", limit: "height_px", permanent: "true" },
      }),
    );
    expect(() => settingsOf({ pageSize: PageSize.A4, densityDpi: 1000 })).toThrow(
      expect.objectContaining({
        code: "resource_exhausted",
        meta: { cause: "image_too_large", limit: "area_px", permanent: "true" },
      }),
    );
    expect(settingsOf({ pageSize: PageSize.A4, densityDpi: 800 }).page).toBeDefined();
  });
});
