import { describe, expect, it } from "vitest";
import { sniffFormat } from "./sniff-format";

describe("sniffFormat", () => {
  it("knows a PNG and a JPEG by their first bytes", () => {
    expect(sniffFormat(Buffer.from("89504e470d0a1a0a0000", "hex"))).toBe("png");
    expect(sniffFormat(Buffer.from("ffd8ffe000104a46", "hex"))).toBe("jpeg");
  });

  it.each([
    ["nothing", ""],
    ["a signature cut short", "89504e470d0a1a"],
    ["a PNG that was transferred as text", "89504e470a1a0a00"],
    ["a JPEG's first two bytes and something else", "ffd80000"],
    ["a GIF", "474946383961"],
  ])("knows no format of %s", (_, hex) => {
    expect(sniffFormat(Buffer.from(hex, "hex"))).toBeUndefined();
  });
});
