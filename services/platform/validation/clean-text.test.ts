import { expect, it } from "vitest";
import { cleanText } from "./clean-text";

it("cleans texts of others: shortened, without control characters and broken Unicode", () => {
  expect(cleanText("a\r\nb\ud800c", 100)).toBe("a  b c");
  expect(cleanText("abcdef", 3)).toBe("abc");
});
