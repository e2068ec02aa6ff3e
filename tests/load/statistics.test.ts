import { describe, expect, it } from "vitest";
import { median, percentile, spread } from "./statistics";

describe("percentile", () => {
  it("lies between two numbers by interpolation, whatever their order", () => {
    expect(percentile([4, 1, 3, 2], 50)).toBe(2.5);
    expect(percentile([30, 10, 20], 100)).toBe(30);
    expect(percentile([10, 20, 30, 40, 50], 25)).toBe(20);
  });

  it("is not a number without numbers", () => {
    expect(median([])).toBeNaN();
  });
});

describe("spread", () => {
  it("is zero for equal measurements and grows with the middle half's width", () => {
    expect(spread([5, 5, 5, 5])).toBe(0);
    expect(spread([10, 20, 30, 40, 50])).toBeCloseTo(20 / 30);
  });

  it("is not moved by one outlier", () => {
    expect(spread([10, 10, 10, 10, 10, 10, 10, 10, 1000])).toBe(0);
  });
});
