import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTwirpError } from "../twirp/errors";
import { decodePageToken, encodePageToken } from "./page-token";

const ID = "f3ecc550-bc8b-499f-a9d6-2b2259e3d0af";

function errorOf(token: string): unknown {
  try {
    decodePageToken(token);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("page tokens", () => {
  it("give back the position they were made of", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), fc.uuid(), (createdAt, id) => {
        expect(decodePageToken(encodePageToken({ createdAt, id }))).toEqual({ createdAt, id });
      }),
    );
  });

  it("need no escaping in URLs", () => {
    expect(encodePageToken({ createdAt: new Date(), id: ID })).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it("that nobody gave out are an invalid argument page_token", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.string().map((text) => Buffer.from(text).toString("base64url")),
        ),
        (token) => {
          const error = errorOf(token);
          expect(isTwirpError(error)).toBe(true);
          expect(error).toMatchObject({ code: "invalid_argument", meta: { argument: "page_token" } });
        },
      ),
    );
  });

  it.each([
    ["empty", ""],
    ["padded", `${encodePageToken({ createdAt: new Date(0), id: ID })}=`],
    ["with a line break", `${encodePageToken({ createdAt: new Date(0), id: ID })}\n`],
    ["with another id", Buffer.from("0 not-a-uuid").toString("base64url")],
    ["with no time", Buffer.from(` ${ID}`).toString("base64url")],
    ["with a time out of range", Buffer.from(`zzzzzzzzzzzz ${ID}`).toString("base64url")],
    ["with more behind it", Buffer.from(`0 ${ID} 1`).toString("base64url")],
  ])("that are %s are refused", (_what, token) => {
    expect(errorOf(token)).toMatchObject({ code: "invalid_argument" });
  });
});
