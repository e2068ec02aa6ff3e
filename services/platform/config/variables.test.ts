import { describe, expect, it } from "vitest";
import type { Variable } from "./variable";
import {
  bytes,
  durationMs,
  flag,
  httpUrl,
  integer,
  oneOf,
  port,
  postgresUrl,
  ratio,
  secret,
  smtpUrl,
  text,
} from "./variables";

const about = { env: "X", description: "A variable." };

function read<T>(variable: Variable<T>, value: string): T | "refused" {
  const parsed = variable.parse(value);
  return parsed === undefined ? "refused" : parsed.value;
}

describe("integer", () => {
  it.each([
    ["1", 1],
    ["65535", 65_535],
    ["007", 7],
    ["0", "refused"],
    ["65536", "refused"],
    ["-1", "refused"],
    ["1.0", "refused"],
    ["1e3", "refused"],
    ["0x10", "refused"],
    [" 8081", "refused"],
    ["8081 ", "refused"],
    ["abc", "refused"],
    ["Infinity", "refused"],
    ["99999999999999999999", "refused"],
  ])("reads %j as %j within 1 to 65535", (value, expected) => {
    expect(read(integer({ ...about, min: 1, max: 65_535 }), value)).toBe(expected);
    expect(read(port(about), value)).toBe(expected);
  });

  it("takes negative numbers where the bounds do", () => {
    expect(read(integer({ ...about, min: -5, max: 5 }), "-5")).toBe(-5);
  });

  it("says what is allowed, with the unit for durations", () => {
    expect(port(about).allowed).toBe("an integer from 1 to 65535");
    expect(durationMs({ ...about, min: 0, max: 10 }).allowed).toBe("an integer number of milliseconds from 0 to 10");
  });
});

describe("bytes", () => {
  it.each([
    ["512", 512],
    ["1KiB", 1024],
    ["8MiB", 8 * 1024 * 1024],
    ["1GiB", 1024 ** 3],
    ["2GiB", "refused"],
    ["8MB", "refused"],
    ["8 MiB", "refused"],
    ["MiB", "refused"],
    ["-1", "refused"],
    ["0", "refused"],
  ])("reads %j as %j within 1 byte to 1 GiB", (value, expected) => {
    expect(read(bytes({ ...about, min: 1, max: 1024 ** 3 }), value)).toBe(expected);
  });

  it("names bounds and default in the largest unit that fits", () => {
    const variable = bytes({ ...about, min: 1, max: 1024 ** 3, default: 8 * 1024 * 1024 });
    expect(variable.allowed).toContain("from 1 to 1GiB");
    expect(variable.defaultText).toBe("8MiB");
  });
});

describe("ratio", () => {
  it.each([
    ["0", 0],
    ["1", 1],
    ["0.1", 0.1],
    ["1.0", 1],
    ["1.1", "refused"],
    ["-0.1", "refused"],
    [".5", "refused"],
    ["10%", "refused"],
    ["NaN", "refused"],
  ])("reads %j as %j", (value, expected) => {
    expect(read(ratio(about), value)).toBe(expected);
  });
});

describe("flag and oneOf", () => {
  it.each([
    ["true", true],
    ["false", false],
    ["TRUE", "refused"],
    ["1", "refused"],
    ["yes", "refused"],
  ])("flag reads %j as %j", (value, expected) => {
    expect(read(flag(about), value)).toBe(expected);
  });

  it("oneOf takes its words and lists them", () => {
    const variable = oneOf({ ...about, values: ["json", "pretty"] });
    expect(read(variable, "json")).toBe("json");
    expect(read(variable, "JSON")).toBe("refused");
    expect(variable.allowed).toBe("one of json, pretty");
  });
});

describe("httpUrl", () => {
  it.each([
    ["http://127.0.0.1:8081", "http://127.0.0.1:8081"],
    ["http://127.0.0.1:8081/", "http://127.0.0.1:8081"],
    ["https://s3.example/base//", "https://s3.example/base"],
    ["http://[::1]:8081", "http://[::1]:8081"],
    ["127.0.0.1:8081", "refused"],
    ["localhost:8081", "refused"],
    ["ftp://host", "refused"],
    ["http://", "refused"],
    ["http://host:99999", "refused"],
    ["http://user:password@host", "refused"],
    ["http://host/?query", "refused"],
    ["http://host/#fragment", "refused"],
    ["http://ho st", "refused"],
  ])("reads %j as %j", (value, expected) => {
    expect(read(httpUrl(about), value)).toBe(expected);
  });
});

describe("postgresUrl and smtpUrl", () => {
  it.each([
    ["postgres://user:password@127.0.0.1:5432/mcsv_user", true],
    ["postgresql://host/database", true],
    ["postgres://host", false],
    ["postgres://host/", false],
    ["mysql://host/database", false],
    ["host=127.0.0.1 dbname=mcsv", false],
    ["127.0.0.1:5432", false],
  ])("postgresUrl on %j: %j", (value, isAllowed) => {
    expect(read(postgresUrl(about), value)).toBe(isAllowed ? value : "refused");
  });

  it.each([
    ["smtp://127.0.0.1:1025", true],
    ["smtps://user:password@mail.example:465", true],
    ["smtp://127.0.0.1:1025/", true],
    ["smtp://127.0.0.1:1025/path", false],
    ["smtp://127.0.0.1:1025?tls=no", false],
    ["http://127.0.0.1:1025", false],
    ["127.0.0.1:1025", false],
  ])("smtpUrl on %j: %j", (value, isAllowed) => {
    expect(read(smtpUrl(about), value)).toBe(isAllowed ? value : "refused");
  });
});

describe("masking", () => {
  it.each([
    ["postgres://user:hunter2@host:5432/db", "postgres://user:****@host:5432/db"],
    ["postgres://user:hun/ter@2@host/db", "postgres://user:****@host/db"],
    ["user:hunter2@host/db", "user:****@host/db"],
    ["postgres://host/db?user=me&password=hunter2&ssl=1", "postgres://host/db?user=me&password=****&ssl=1"],
    ["postgres://user@host:5432/db", "postgres://user@host:5432/db"],
    ["smtp://127.0.0.1:1025", "smtp://127.0.0.1:1025"],
  ])("shows %j as %j", (url, shown) => {
    for (const variable of [postgresUrl(about), smtpUrl(about), httpUrl(about)]) {
      expect(variable.mask(url)).toBe(shown);
    }
  });

  it("shows nothing of a secret and all of a text", () => {
    expect(secret(about).mask("hunter2")).toBe("****");
    expect(text(about).mask("hunter2")).toBe("hunter2");
  });
});
