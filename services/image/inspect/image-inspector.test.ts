import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { exifBlock, withExif } from "../../../deploy/local/demo/make-images/exif";
import { withSegment } from "../../../tests/support/images/hostile-images";
import { encodeAs, quartersPng } from "../../../tests/support/images/make-image";
import type { SourceFormat } from "../sniff-format";
import { ImageInspector } from "./image-inspector";

function inspect(format: SourceFormat, image: Uint8Array, pieceBytes = image.length): ImageInspector {
  const inspector = new ImageInspector(format);
  for (let at = 0; at < image.length; at += pieceBytes) {
    inspector.push(image.subarray(at, at + pieceBytes));
  }
  return inspector;
}

describe("ImageInspector", () => {
  it.each([1, 2, 7, 64, 100_000])("finds the size of a PNG that arrives in pieces of %i bytes", (pieceBytes) => {
    expect(inspect("png", quartersPng(300, 20), pieceBytes).shownSize).toEqual({ widthPx: 300, heightPx: 20 });
  });

  it.each([1, 3, 1000])("finds the size of a JPEG that arrives in pieces of %i bytes", async (pieceBytes) => {
    const image = withExif(await encodeAs(quartersPng(300, 20), "jpeg"), 8);

    expect(inspect("jpeg", image, pieceBytes).storedSize).toEqual({ widthPx: 300, heightPx: 20 });
    expect(inspect("jpeg", image, pieceBytes).shownSize).toEqual({ widthPx: 20, heightPx: 300 });
  });

  it("finds the size of a progressive JPEG", async () => {
    const image = await encodeAs(quartersPng(30, 20), "progressive-jpeg");
    expect(inspect("jpeg", image).shownSize).toEqual({ widthPx: 30, heightPx: 20 });
  });

  it("finds the size behind other segments, which may hold a preview with a size of its own", async () => {
    const preview = await encodeAs(quartersPng(8, 8), "jpeg");
    let image = await encodeAs(quartersPng(30, 20), "jpeg");
    for (let count = 0; count < 20; count++) {
      image = withSegment(image, 0xe2, Buffer.concat([preview, Buffer.alloc(60_000)]));
    }
    expect(inspect("jpeg", image, 4096).shownSize).toEqual({ widthPx: 30, heightPx: 20 });
  });

  it.each([
    [1, 30, 20],
    [4, 30, 20],
    [5, 20, 30],
    [8, 20, 30],
    [0, 30, 20],
    [9, 30, 20],
  ])("turns the size for EXIF orientation %i", async (orientation, widthPx, heightPx) => {
    const image = withExif(await encodeAs(quartersPng(30, 20), "jpeg"), orientation);
    expect(inspect("jpeg", image).shownSize).toEqual({ widthPx, heightPx });
  });

  it.each(["before", "after"] as const)("finds the orientation of a PNG %s its pixels", (where) => {
    const image = quartersPng(30, 20, { [where]: [{ type: "eXIf", content: exifBlock(6) }] });
    expect(inspect("png", image, 11).shownSize).toEqual({ widthPx: 20, heightPx: 30 });
  });

  it("finds the orientation in the text chunk where older programs put it", () => {
    const block = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), exifBlock(6)]);
    const text = deflateSync(`\nexif\n${String(block.length).padStart(8)}\n${block.toString("hex")}\n`);
    const content = Buffer.concat([Buffer.from("Raw profile type exif\0\0", "latin1"), text]);
    const image = quartersPng(30, 20, { before: [{ type: "zTXt", content }] });
    expect(inspect("png", image).shownSize).toEqual({ widthPx: 20, heightPx: 30 });
  });

  it("takes the first of two orientations", () => {
    const chunks = [6, 1].map((orientation) => ({ type: "eXIf", content: exifBlock(orientation) }));
    expect(inspect("png", quartersPng(30, 20, { before: chunks })).shownSize).toEqual({ widthPx: 20, heightPx: 30 });
  });

  it.each([
    ["an EXIF block that points beyond its end", Buffer.from("4d4d002a7fffffff", "hex")],
    ["an EXIF block with more entries than bytes", Buffer.from("4d4d002a00000008ffff", "hex")],
    ["an EXIF block of another byte order", Buffer.from("5858002a00000008", "hex")],
    ["an empty EXIF block", Buffer.alloc(0)],
  ])("leaves the size as it is for %s", (_, content) => {
    const image = quartersPng(30, 20, { before: [{ type: "eXIf", content }] });
    expect(inspect("png", image).shownSize).toEqual({ widthPx: 30, heightPx: 20 });
  });

  it("is finished, without a size, when the header of a JPEG is none", () => {
    const inspector = inspect("jpeg", Buffer.from("ffd8ffe00002ffe000040000deadbeef", "hex"));
    expect(inspector).toMatchObject({ isFinished: true, storedSize: undefined });
  });

  it("spends little time on millions of tiny chunks", () => {
    const chunk = Buffer.from("0000000074455874", "hex");
    const image = Buffer.concat([
      quartersPng(1, 1).subarray(0, 33),
      Buffer.alloc(24_000_000, Buffer.concat([chunk, Buffer.alloc(4)])),
    ]);
    const started = performance.now();
    expect(inspect("png", image, 65_536).isFinished).toBe(true);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
