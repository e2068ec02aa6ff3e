import { describe, expect, it } from "vitest";
import { pdfName } from "./pdf-urls";

describe("pdfName", () => {
  it.each([
    ["photo.png", "photo.pdf"],
    ["photo.JPEG", "photo.pdf"],
    ["photo.2026.jpg", "photo.2026.pdf"],
    ["photo", "photo.pdf"],
    ["photo.tar.gz", "photo.tar.gz.pdf"],
    [".png", ".png.pdf"],
    ["..", "...pdf"],
  ])("makes %s into %s", (fileName, name) => {
    expect(pdfName(fileName)).toBe(name);
  });
});
