import { describe, expect, it } from "vitest";
import { checkSourceUrl } from "./source-url";

const ORIGIN = { endpoint: "http://127.0.0.1:9000", bucket: "mcsv" };
const SIGNATURE = "X-Amz-Expires=60&X-Amz-Signature=0a1b";

describe("checkSourceUrl", () => {
  it.each([
    "http://127.0.0.1:9000/mcsv/uploads/9b2f6c1e-8d0a-4a52-9a0a-0c0f5f0a1b2c",
    `http://127.0.0.1:9000/mcsv/images/a.png?${SIGNATURE}`,
  ])("admits %s", (url) => {
    expect(checkSourceUrl(url, ORIGIN).href).toBe(url);
  });

  it("admits an endpoint with a path and the default port", () => {
    const origin = { endpoint: "https://store.example/s3", bucket: "mcsv" };
    const url = "https://store.example/s3/mcsv/uploads/1";
    expect(checkSourceUrl(url, origin).href).toBe(url);
    expect(checkSourceUrl("https://store.example:443/s3/mcsv/uploads/1", origin).href).toBe(url);
  });

  it.each([
    ["another host", "http://127.0.0.2:9000/mcsv/a"],
    ["another port", "http://127.0.0.1:9001/mcsv/a"],
    ["no port", "http://127.0.0.1/mcsv/a"],
    ["another scheme", "https://127.0.0.1:9000/mcsv/a"],
    ["a file", "file:///mcsv/a"],
    ["another name of the host", "http://localhost:9000/mcsv/a"],
    ["the host as the user of another", "http://127.0.0.1:9000@evil.example/mcsv/a"],
    ["the host as a part of another", "http://127.0.0.1.evil.example:9000/mcsv/a"],
    ["a user", "http://user@127.0.0.1:9000/mcsv/a"],
    ["a user and password", "http://user:pass@127.0.0.1:9000/mcsv/a"],
    ["another bucket", "http://127.0.0.1:9000/other/a"],
    ["a bucket whose name goes on", "http://127.0.0.1:9000/mcsv-private/a"],
    ["the bucket in other case", "http://127.0.0.1:9000/MCSV/a"],
    ["the bucket itself", "http://127.0.0.1:9000/mcsv"],
    ["the bucket's listing", "http://127.0.0.1:9000/mcsv/"],
    ["a listing by query", "http://127.0.0.1:9000/mcsv/?list-type=2"],
    ["dots", "http://127.0.0.1:9000/mcsv/../other/a"],
    ["a dot", "http://127.0.0.1:9000/mcsv/./a"],
    ["dots that end up in the bucket", "http://127.0.0.1:9000/other/../mcsv/a"],
    ["escaped dots", "http://127.0.0.1:9000/mcsv/%2e%2e/other/a"],
    ["half escaped dots", "http://127.0.0.1:9000/mcsv/.%2E/other/a"],
    ["dots escaped twice", "http://127.0.0.1:9000/mcsv/%252e%252e/other/a"],
    ["an escaped slash", "http://127.0.0.1:9000/mcsv/..%2fother%2fa"],
    ["an escaped slash behind the bucket", "http://127.0.0.1:9000/mcsv%2fa"],
    ["an escaped backslash", "http://127.0.0.1:9000/mcsv/..%5cother"],
    ["an empty segment", "http://127.0.0.1:9000/mcsv//a"],
    ["a double slash first", "http://127.0.0.1:9000//mcsv/a"],
    ["a NUL", "http://127.0.0.1:9000/mcsv/a%00.png"],
    ["a fragment", "http://127.0.0.1:9000/mcsv/a#b"],
    ["a path parameter", "http://127.0.0.1:9000/mcsv/a;b"],
    ["more dots than two", "http://127.0.0.1:9000/mcsv/.../a"],
  ])("refuses %s as permission_denied", (_, url) => {
    expect(() => checkSourceUrl(url, ORIGIN)).toThrow(expect.objectContaining({ code: "permission_denied" }));
  });
});
