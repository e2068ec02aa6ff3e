import { describe, expect, it } from "vitest";
import { PdfEnd } from "./pdf-end";

const BODY = `%PDF-1.3\n${"image ".repeat(3_000)}\n`;
const WHOLE = `${BODY}xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 >>\nstartxref\n${BODY.length}\n%%EOF\n`;

function isWhole(pdf: string, chunkBytes = 1_000): boolean {
  const end = new PdfEnd();
  for (let at = 0; at < pdf.length; at += chunkBytes) end.push(Buffer.from(pdf.slice(at, at + chunkBytes), "latin1"));
  return end.isWhole;
}

describe("PdfEnd", () => {
  it.each([1, 7, 1_000, 100_000])("knows a whole PDF in pieces of %i bytes", (chunkBytes) => {
    expect(isWhole(WHOLE, chunkBytes)).toBe(true);
  });

  it.each([2, 8, 40, 4_096, WHOLE.length - 1])("knows one that lacks its last %i bytes", (missing) => {
    expect(isWhole(WHOLE.slice(0, -missing))).toBe(false);
  });

  it("knows one that lacks something in the middle, and nothing at all", () => {
    expect(isWhole(WHOLE.slice(0, 500) + WHOLE.slice(600))).toBe(false);
    expect(isWhole("")).toBe(false);
  });
});
