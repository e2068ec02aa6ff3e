import { describe, expect, it } from "vitest";
import { checkRange, checkText, checkUuid, cleanText } from "./fields";

describe("checkText", () => {
  const bounds = { min: 1, max: 3 };

  it.each(["a", "abc", "日本語", "🎉🎉🎉", "a b"])("takes %j", (text) => {
    expect(checkText("name", text, bounds)).toBe(text);
  });

  it.each([
    ["", "name must have 1 to 3 characters"],
    ["abcd", "name must have 1 to 3 characters"],
    ["🎉🎉🎉🎉", "name must have 1 to 3 characters"],
    ["a\n", "name must not have control characters"],
    ["a\0", "name must not have control characters"],
    ["a\u2028", "name must not have control characters"],
    ["\ud800", "name must be well-formed Unicode"],
  ])("refuses %j", (text, msg) => {
    expect(() => checkText("name", text, bounds)).toThrow(
      expect.objectContaining({ code: "invalid_argument", msg, meta: { argument: "name" } }),
    );
  });

  it("takes tabs and line breaks, and no other control characters, in texts of several lines", () => {
    expect(checkText("message", "a\tb\r\nc", { min: 1, max: 10, multiline: true })).toBe("a\tb\r\nc");
    expect(() => checkText("message", "a\u0007", { min: 1, max: 10, multiline: true })).toThrow();
  });
});

it("checks ids and brings them into lower case", () => {
  expect(checkUuid("id", "F3ECC550-BC8B-499F-A9D6-2B2259E3D0AF")).toBe("f3ecc550-bc8b-499f-a9d6-2b2259e3d0af");
  expect(() => checkUuid("id", "7")).toThrow(expect.objectContaining({ msg: "id must be a UUID" }));
});

it("checks ranges, bounds included", () => {
  expect([checkRange("n", 1, 1, 3), checkRange("n", 3, 1, 3)]).toEqual([1, 3]);
  expect(() => checkRange("n", 4, 1, 3)).toThrow(expect.objectContaining({ msg: "n must be 1 to 3" }));
});

it("cleans texts of others: shortened, without control characters and broken Unicode", () => {
  expect(cleanText("a\r\nb\ud800c", 100)).toBe("a  b c");
  expect(cleanText("abcdef", 3)).toBe("abc");
});
