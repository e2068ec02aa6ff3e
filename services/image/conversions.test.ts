import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePng } from "../../deploy/local/demo/make-images/encode-png";
import { exifBlock, withExif } from "../../deploy/local/demo/make-images/exif";
import { projectDirectory } from "../../deploy/local/project-directory";
import { ImageFormat, PageSize, Quality } from "../../gen/twirp/mcsv/v1/image";
import { startTestImageService, type TestImageService } from "../../tests/support/image-service";
import { textBomb, withSegment } from "../../tests/support/images/hostile-images";
import { magicksOfThisMachine, NO_NATIVE_MAGICK } from "../../tests/support/images/magicks";
import { encodeAs, isClose, pixelOf, QUARTERS, quarterAt, quartersPng } from "../../tests/support/images/make-image";
import { readPdf } from "../../tests/support/images/read-pdf";
import { peakMemoryOfChildren } from "../../tests/support/peak-memory";

const magicks = magicksOfThisMachine();
const SAMPLES = ["mountain-lake.png", "badge.png", "balloon.jpg"];
const WHITE = [255, 255, 255];

if (magicks.every(({ isWebAssembly }) => isWebAssembly)) {
  it.skip(NO_NATIVE_MAGICK);
}

describe.each(magicks)("conversions with $name", ({ resolve, isWebAssembly }) => {
  let service: TestImageService;
  let stateDirectory: string;

  beforeAll(async () => {
    stateDirectory = await mkdtemp(path.join(tmpdir(), "mcsv-state-"));
    const { command } = await resolve(stateDirectory);
    service = await startTestImageService({ magick: command, isWebAssembly });
  });
  afterAll(async () => {
    await service.close();
    await rm(stateDirectory, { recursive: true, force: true });
  });

  it("makes a page as large as the image at 300 dots per inch, and tells what it made", async () => {
    const source = quartersPng(120, 80);

    const { pdf, bytes } = await service.convert(source);

    expect(pdf).toMatchObject({ sourceFormat: ImageFormat.PNG, widthPx: 120, heightPx: 80 });
    expect(pdf.inputBytes).toBe(BigInt(source.length));
    expect(pdf.outputBytes).toBe(BigInt(bytes.length));
    expect(pdf.durationMs).toBeGreaterThan(0);
    const { page, image } = readPdf(bytes);
    expect(page).toEqual({ width: 28.8, height: 19.2 });
    expect(image).toMatchObject({ width: 120, height: 80, filter: "DCTDecode" });
    expect(isClose(await pixelOf(image.data, 100, 10), QUARTERS.green)).toBe(true);
  });

  it("measures what it made, how long it took and what magick needed", async () => {
    const source = quartersPng(64, 48);
    const { pdf } = await service.convert(source);
    await expect(service.convert(Buffer.from("no image"))).rejects.toMatchObject({ code: "invalid_argument" });

    const durations = await service.metrics.points("mcsv.conversion.duration");
    expect(durations.map(({ attributes }) => attributes)).toEqual(
      expect.arrayContaining([
        { format: "png", result: "ok" },
        { format: "unknown", result: "invalid_argument" },
      ]),
    );
    const sumOf = async (name: string) => {
      const value = (await service.metrics.points(name)).find(
        ({ attributes }) => attributes["format"] === "png",
      )?.value;
      return typeof value === "object" ? value.sum : value;
    };
    expect(await sumOf("mcsv.conversion.input.size")).toBeGreaterThanOrEqual(source.length);
    expect(await sumOf("mcsv.conversion.output.size")).toBeGreaterThanOrEqual(Number(pdf.outputBytes));
    expect(await sumOf("mcsv.conversion.pages")).toBeGreaterThanOrEqual(1);
    expect(await sumOf("mcsv.conversion.compression")).toBeGreaterThan(0);
    if (process.platform === "linux") {
      expect(await sumOf("mcsv.magick.memory.peak")).toBeGreaterThan(1e6);
      expect(await sumOf("mcsv.magick.cpu.time")).toBeGreaterThanOrEqual(0);
    }
  });

  it.each(SAMPLES)("makes the same bytes of the sample %s every time", async (name) => {
    const source = await readFile(path.join(projectDirectory(), "deploy/local/demo/images", name));

    const first = await service.convert(source);
    const second = await service.convert(source);

    expect(first.bytes.equals(second.bytes)).toBe(true);
    expect(first.bytes.includes(`D:${new Date().getFullYear()}`)).toBe(false);
    expect(readPdf(first.bytes).image).toMatchObject({ width: first.pdf.widthPx, height: first.pdf.heightPx });
  });

  it.each([
    ["a palette with transparency", () => palettePng()],
    ["grey and alpha", () => greyAlphaPng()],
    ["red, green, blue and alpha", () => rgbaPng()],
    ["16 bits a channel", () => deepPng()],
    ["one bit a pixel", () => bilevelPng()],
  ])("converts a PNG of %s", async (_, make) => {
    const { pdf, bytes } = await service.convert(make());

    expect(pdf).toMatchObject({ widthPx: 32, heightPx: 16 });
    expect(readPdf(bytes).image).toMatchObject({ width: 32, height: 16 });
  });

  it.each([
    ["interlaced-png", ImageFormat.PNG],
    ["jpeg", ImageFormat.JPEG],
    ["progressive-jpeg", ImageFormat.JPEG],
    ["grey-jpeg", ImageFormat.JPEG],
    ["cmyk-jpeg", ImageFormat.JPEG],
  ] as const)("converts %s", async (encoding, format) => {
    const { pdf, bytes } = await service.convert(await encodeAs(quartersPng(64, 48), encoding));

    expect(pdf).toMatchObject({ sourceFormat: format, widthPx: 64, heightPx: 48 });
    expect(readPdf(bytes).image).toMatchObject({ width: 64, height: 48 });
  });

  it("keeps transparency, and shows white through it on a page of a fixed size", async () => {
    const fit = readPdf((await service.convert(palettePng())).bytes);
    const a4 = readPdf((await service.convert(palettePng(), { pageSize: PageSize.A4, densityDpi: 36 })).bytes);

    expect(fit.mask).toMatchObject({ width: 32, height: 16 });
    expect(a4.mask).toBeUndefined();
    // The image spans columns 133 to 165; its left half is clear, its right half is half red.
    expect(isClose(await pixelOf(a4.image.data, 140, 210), WHITE)).toBe(true);
    expect(isClose(await pixelOf(a4.image.data, 157, 210), [255, 127, 127])).toBe(true);
  });

  it("keeps every pixel as it is when lossless", async () => {
    const { bytes } = await service.convert(quartersPng(31, 17), { quality: Quality.LOSSLESS });

    const { image } = readPdf(bytes);
    const expected = Array.from({ length: 17 }, (_, y) =>
      Array.from({ length: 31 }, (_, x) => quarterAt(x, y, 31, 17)),
    );
    expect(image.filter).toBe("FlateDecode");
    expect([...image.data]).toEqual(expected.flat(2));
  });

  it("makes a smaller file at each lower quality", async () => {
    const source = await readFile(path.join(projectDirectory(), "deploy/local/demo/images/balloon.jpg"));
    const sizeAt = async (quality: Quality) =>
      (await service.convert(source, { quality, maxWidthPx: 300 })).bytes.length;

    const [low, medium, high] = [await sizeAt(Quality.LOW), await sizeAt(Quality.MEDIUM), await sizeAt(Quality.HIGH)];

    expect(low).toBeLessThan(medium);
    expect(medium).toBeLessThan(high);
    expect(await sizeAt(Quality.UNSPECIFIED)).toBe(high);
  });

  it.each([
    [PageSize.A4, 595.28, 841.89],
    [PageSize.LETTER, 612, 792],
  ])("centres a small image on a page of size %i without enlarging it", async (pageSize, width, height) => {
    const { bytes } = await service.convert(quartersPng(60, 40), { pageSize, densityDpi: 72 });

    const { page, image } = readPdf(bytes);
    expect(Math.abs(page.width - width)).toBeLessThan(1);
    expect(Math.abs(page.height - height)).toBeLessThan(1);
    const [middleX, middleY] = [Math.floor(image.width / 2), Math.floor(image.height / 2)];
    expect(isClose(await pixelOf(image.data, middleX - 15, middleY - 10), QUARTERS.red)).toBe(true);
    expect(isClose(await pixelOf(image.data, middleX + 15, middleY - 10), QUARTERS.green)).toBe(true);
    expect(isClose(await pixelOf(image.data, middleX - 40, middleY), WHITE)).toBe(true);
    expect(isClose(await pixelOf(image.data, middleX, middleY - 30), WHITE)).toBe(true);
  });

  it("scales a large image down until it fits the page", async () => {
    const { bytes } = await service.convert(quartersPng(1000, 500), { pageSize: PageSize.A4, densityDpi: 36 });

    // A4 at 36 dpi has 298 x 421 pixels, so the image becomes 298 x 149 and spans rows 136 to 285.
    const { image } = readPdf(bytes);
    expect(image).toMatchObject({ width: 298, height: 421 });
    expect(isClose(await pixelOf(image.data, 5, 145), QUARTERS.red)).toBe(true);
    expect(isClose(await pixelOf(image.data, 292, 145), QUARTERS.green)).toBe(true);
    expect(isClose(await pixelOf(image.data, 149, 125), WHITE)).toBe(true);
  });

  it.each([
    [{ maxWidthPx: 50 }, 50, 25],
    [{ maxHeightPx: 10 }, 20, 10],
    [{ maxWidthPx: 50, maxHeightPx: 10 }, 20, 10],
    [{ maxWidthPx: 5000, maxHeightPx: 5000 }, 100, 50],
  ])("keeps the proportions within %o", async (bounds, width, height) => {
    const { pdf, bytes } = await service.convert(quartersPng(100, 50), bounds);

    expect(readPdf(bytes).image).toMatchObject({ width, height });
    expect(pdf).toMatchObject({ widthPx: 100, heightPx: 50 });
  });

  it("divides the pixels by the density", async () => {
    const { bytes } = await service.convert(quartersPng(120, 60), { densityDpi: 60 });

    expect(readPdf(bytes).page).toEqual({ width: 144, height: 72 });
  });

  it.each([
    [1, 48, 32, "red"],
    [2, 48, 32, "green"],
    [3, 48, 32, "white"],
    [4, 48, 32, "blue"],
    [5, 32, 48, "red"],
    [6, 32, 48, "blue"],
    [7, 32, 48, "white"],
    [8, 32, 48, "green"],
  ] as const)("turns a JPEG of EXIF orientation %i upright", async (orientation, width, height, upperLeft) => {
    const source = withExif(await encodeAs(quartersPng(48, 32), "jpeg"), orientation);

    const { pdf, bytes } = await service.convert(source);

    const { image } = readPdf(bytes);
    expect(pdf).toMatchObject({ widthPx: width, heightPx: height });
    expect(image).toMatchObject({ width, height });
    expect(isClose(await pixelOf(image.data, 6, 6), QUARTERS[upperLeft])).toBe(true);
  });

  it.each(["before", "after"] as const)("turns a PNG upright whose orientation stands %s its pixels", async (where) => {
    const source = quartersPng(48, 32, { [where]: [{ type: "eXIf", content: exifBlock(6) }] });

    const { pdf, bytes } = await service.convert(source);

    expect(pdf).toMatchObject({ widthPx: 32, heightPx: 48 });
    expect(readPdf(bytes).image).toMatchObject({ width: 32, height: 48 });
  });

  it("leaves EXIF, XMP and comments out when asked to, and only then", async () => {
    const jpeg = withExif(await encodeAs(quartersPng(48, 32), "jpeg"), 1);
    const withComment = withSegment(jpeg, 0xfe, Buffer.from("comment of the camera"));
    const xmp = `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- xmp of the camera --></x:xmpmeta>`;
    const source = withSegment(withComment, 0xe1, Buffer.from(xmp));

    const kept = (await service.convert(source)).bytes.toString("latin1");
    const stripped = (await service.convert(source, { stripMetadata: true })).bytes.toString("latin1");

    expect(kept).toContain("Exif\0\0");
    expect(stripped).not.toContain("Exif\0\0");
    expect(stripped).not.toContain("of the camera");
    readPdf(Buffer.from(stripped, "latin1"));
  });

  it("places the image on the page whatever offset the file asks for", async () => {
    const offset = Buffer.alloc(9);
    offset.writeInt32BE(500, 0);
    offset.writeInt32BE(400, 4);

    const { bytes } = await service.convert(quartersPng(60, 40, { before: [{ type: "oFFs", content: offset }] }));

    expect(readPdf(bytes).page).toEqual({ width: 14.4, height: 9.6 });
  });

  it("converts images that cameras and editors write with harmless faults", async () => {
    const profile = Buffer.concat([Buffer.from("profile\0\0", "latin1"), Buffer.from("not deflated")]);
    const badProfile = quartersPng(16, 8, { before: [{ type: "iCCP", content: profile }] });
    const padded = await encodeAs(quartersPng(16, 8), "jpeg");
    const trailing = Buffer.concat([quartersPng(16, 8), Buffer.alloc(300_000, "PK\x03\x04 behind the end")]);
    const paddedBeforeEnd = Buffer.concat([padded.subarray(0, -2), Buffer.alloc(4), padded.subarray(-2)]);

    for (const source of [badProfile, paddedBeforeEnd, trailing]) {
      const { pdf, bytes } = await service.convert(source);
      expect(pdf).toMatchObject({ widthPx: 16, heightPx: 8, inputBytes: BigInt(source.length) });
      expect(bytes.includes("behind the end")).toBe(false);
    }
  });

  it("does not inflate text that it does not need", async () => {
    const bomb = textBomb("iTXt", 50);

    const { result, peakBytes } = await peakMemoryOfChildren(() => service.convert(bomb));

    expect(result.pdf).toMatchObject({ widthPx: 8, heightPx: 8 });
    expect(peakBytes).toBeLessThan(256 * 1024 ** 2);
  });

  it("converts an image of the largest size admitted", async () => {
    const source = encodePng({
      width: 12_000,
      height: 5_333,
      bitDepth: 1,
      colourType: 0,
      line: () => Buffer.alloc(1500),
    });

    const { pdf, bytes } = await service.convert(source, { quality: Quality.LOW });

    expect(pdf).toMatchObject({ widthPx: 12_000, heightPx: 5_333 });
    expect(readPdf(bytes).image).toMatchObject({ width: 12_000, height: 5_333 });
  }, 60_000);
});

/** Clear on the left, half transparent red on the right. */
function palettePng(): Buffer {
  const line = Uint8Array.from({ length: 32 }, (_, x) => (x < 16 ? 0 : 1));
  const before = [
    { type: "PLTE", content: Buffer.from([0, 0, 0, 255, 0, 0]) },
    { type: "tRNS", content: Buffer.from([0, 128]) },
  ];
  return encodePng({ width: 32, height: 16, bitDepth: 8, colourType: 3, before, line: () => line });
}

function greyAlphaPng(): Buffer {
  const line = Uint8Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? i * 2 : 255 - i * 4));
  return encodePng({ width: 32, height: 16, bitDepth: 8, colourType: 4, line: () => line });
}

function rgbaPng(): Buffer {
  const line = Uint8Array.from({ length: 128 }, (_, i) => i * 2);
  return encodePng({ width: 32, height: 16, bitDepth: 8, colourType: 6, line: () => line });
}

function deepPng(): Buffer {
  const line = Uint8Array.from({ length: 192 }, (_, i) => i);
  return encodePng({ width: 32, height: 16, bitDepth: 16, colourType: 2, line: () => line });
}

function bilevelPng(): Buffer {
  return encodePng({ width: 32, height: 16, bitDepth: 1, colourType: 0, line: () => Buffer.from("f0f0f0f0", "hex") });
}
