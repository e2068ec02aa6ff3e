import { describe, expect, it } from "vitest";
import { moment, since } from "./option-values";

describe("a time on the command line", () => {
  it.each([
    ["2026-11-23", "2026-11-23T00:00:00.000Z"],
    ["2026-11-23T12:30", "2026-11-23T12:30:00.000Z"],
    ["2026-11-23T12:30:15.5Z", "2026-11-23T12:30:15.500Z"],
    ["2026-11-23T12:30+02:00", "2026-11-23T10:30:00.000Z"],
  ])("%s is %s: UTC unless it says otherwise", (text, iso) => {
    expect(moment(text).toISOString()).toBe(iso);
  });

  it.each(["", "today", "23.11.2026", "2026-13-01", "2026-11-23 12:00", "12:00"])("%s is none", (text) => {
    expect(() => moment(text)).toThrow("Must be a time");
  });
});

describe("since", () => {
  it.each([
    ["90s", 90],
    ["15m", 900],
    ["12h", 43_200],
    ["30d", 2_592_000],
    ["2w", 1_209_600],
  ])("%s is an age of %d seconds", (text, secondsAgo) => {
    expect(since(text)).toEqual({ secondsAgo });
  });

  it("takes a time as well", () => {
    expect(since("2026-11-23")).toEqual({ at: new Date("2026-11-23") });
  });

  it.each(["0s", "30", "d", "-1d", "99999w", "1y"])("refuses %s", (text) => {
    expect(() => since(text)).toThrow(/Must be/);
  });
});
