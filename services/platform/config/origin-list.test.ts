import { describe, expect, it } from "vitest";
import { originList } from "./origin-list";

const variable = originList({ env: "CORS_ORIGINS", description: "Origins.", default: [] });

describe("originList", () => {
  it.each([
    ["http://127.0.0.1:8087", ["http://127.0.0.1:8087"]],
    ["https://docs.example, http://localhost:8087", ["https://docs.example", "http://localhost:8087"]],
    // As browsers send it: lower case, without the scheme's own port.
    ["HTTPS://Docs.Example:443", ["https://docs.example"]],
  ])("reads %s", (text, origins) => {
    expect(variable.parse(text)).toEqual({ value: origins });
  });

  it.each([
    "*",
    "null",
    "docs.example",
    "ftp://docs.example",
    "https://docs.example/",
    "https://docs.example/path",
    "https://docs.example?a=b",
    "https://user@docs.example",
    "https://docs.example,",
    "https://docs.example https://other.example",
  ])("refuses %s", (text) => {
    expect(variable.parse(text)).toBeUndefined();
  });

  it("is printed as it can be given", () => {
    expect(variable.format(["http://a.example", "http://b.example"])).toBe("http://a.example,http://b.example");
  });
});
