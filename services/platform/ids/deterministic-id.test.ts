import { describe, expect, it } from "vitest";
import { deterministicId, isUuid, jobId } from "./deterministic-id";

describe("deterministicId", () => {
  it("never changes: other processes and stored rows rely on it", () => {
    expect(deterministicId("job", "email", "welcome:1")).toBe("9e029a22-2eb9-5111-87ea-1fca8ca40778");
  });

  it("is a version 5 UUID", () => {
    expect(deterministicId("a")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("differs when parts are divided differently", () => {
    const ids = [
      deterministicId("a", "bc"),
      deterministicId("ab", "c"),
      deterministicId("abc"),
      deterministicId("a", "b", "c"),
      deterministicId("a,bc"),
      deterministicId('a","bc'),
      deterministicId("a", "bc", ""),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("jobId", () => {
  it("depends on queue and idempotency key", () => {
    expect(jobId("email", "welcome:1")).toBe(deterministicId("job", "email", "welcome:1"));
    expect(jobId("email", "welcome:1")).not.toBe(jobId("email", "welcome:2"));
    expect(jobId("email", "welcome:1")).not.toBe(jobId("callback", "welcome:1"));
  });
});

describe("isUuid", () => {
  it.each([
    ["f3ecc550-bc8b-499f-a9d6-2b2259e3d0af", true],
    ["F3ECC550-BC8B-499F-A9D6-2B2259E3D0AF", true],
    ["", false],
    ["1", false],
    ["f3ecc550bc8b499fa9d62b2259e3d0af", false],
    ["f3ecc550-bc8b-499f-a9d6-2b2259e3d0af\n", false],
    ["{f3ecc550-bc8b-499f-a9d6-2b2259e3d0af}", false],
    ["f3ecc550-bc8b-499f-a9d6-2b2259e3d0ag", false],
    ["'; drop table users; --", false],
  ])("%j: %j", (text, expected) => {
    expect(isUuid(text)).toBe(expected);
  });
});
