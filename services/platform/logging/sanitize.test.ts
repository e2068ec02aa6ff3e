import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sanitize, sanitizeField } from "./sanitize";

describe("sanitize", () => {
  it("makes anything JSON, and never throws", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
        (value) => {
          expect(() => JSON.stringify(sanitize(value))).not.toThrow();
        },
      ),
    );
  });

  it("ends at a depth, so that cycles end", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(JSON.stringify(sanitize(cycle))).toContain("[deeper]");
  });

  it("reads properties that throw as such", () => {
    const hostile = Object.defineProperty({ fine: 1 }, "broken", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    expect(sanitize(hostile)).toEqual({ fine: 1, broken: "[unreadable]" });
  });

  it("leaves out secrets and bodies at any depth, and says how much it left out", () => {
    expect(sanitize({ mail: { to: "a@b.c", html: "<p>hello</p>", smtp: { password: "hunter2" } } })).toEqual({
      mail: { to: "a@b.c", html: "[12 characters left out]", smtp: { password: "[redacted]" } },
    });
    expect(sanitize({ headers: new Map([["authorization", "Bearer x"]]) })).toEqual({
      headers: { authorization: "[redacted]" },
    });
    expect(sanitizeField("body", new Uint8Array(7))).toBe("[7 bytes left out]");
  });

  it("leaves out presigned query strings in strings, URLs, errors and their causes", () => {
    const url = "http://h/k?X-Amz-Signature=abcdef";
    const error = new Error(`cannot get ${url}`, { cause: new Error(`refused ${url}`) });
    const text = JSON.stringify(sanitize([url, new URL(url), { deep: [{ url }] }, error]));
    expect(text).toContain("http://h/k?[redacted]");
    expect(text).not.toContain("abcdef");
  });

  it("shows sizes of binary data, ISO dates, numbers that JSON has not as text", () => {
    expect(sanitize([Buffer.alloc(9), new Date(0), 10n, Number.NaN, undefined, null])).toEqual([
      "[9 bytes]",
      "1970-01-01T00:00:00.000Z",
      "10",
      "NaN",
      undefined,
      null,
    ]);
  });

  it("cuts long texts and lists", () => {
    expect(sanitize("x".repeat(20_000))).toMatch(/^x{16384}… \(3616 more characters\)$/);
    expect(sanitize(Array.from({ length: 102 }, () => 0))).toContain("… (2 more)");
  });

  it("keeps the fields of errors that tell what happened", () => {
    const error = Object.assign(new TypeError("bad"), { code: "ECONNREFUSED" });
    expect(sanitize(error)).toMatchObject({ type: "TypeError", message: "bad", code: "ECONNREFUSED" });
  });
});
