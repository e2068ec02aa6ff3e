import { TwirpErrorCode } from "twirp-ts";
import { describe, expect, it } from "vitest";
import { resourceExhausted, twirpError } from "../twirp/errors";
import { failureOf, fullForMs, isPermanent } from "./failure";
import { PermanentError } from "./permanent-error";

type Consequence = "fails for good" | "another attempt" | "waits, no attempt spent";

/** What becomes of a job whose called service answers with a code: every code that Twirp has. */
const CONSEQUENCES: Readonly<Record<TwirpErrorCode, Consequence>> = {
  [TwirpErrorCode.InvalidArgument]: "fails for good",
  [TwirpErrorCode.Malformed]: "another attempt",
  [TwirpErrorCode.NotFound]: "fails for good",
  [TwirpErrorCode.BadRoute]: "another attempt",
  [TwirpErrorCode.AlreadyExists]: "fails for good",
  [TwirpErrorCode.PermissionDenied]: "fails for good",
  [TwirpErrorCode.FailedPrecondition]: "fails for good",
  [TwirpErrorCode.OutOfRange]: "fails for good",
  [TwirpErrorCode.Unimplemented]: "another attempt",
  [TwirpErrorCode.DataLoss]: "fails for good",
  [TwirpErrorCode.Unauthenticated]: "another attempt",
  [TwirpErrorCode.Aborted]: "another attempt",
  [TwirpErrorCode.Canceled]: "another attempt",
  [TwirpErrorCode.DeadlineExceeded]: "another attempt",
  [TwirpErrorCode.Internal]: "another attempt",
  [TwirpErrorCode.Unavailable]: "another attempt",
  [TwirpErrorCode.Unknown]: "another attempt",
  [TwirpErrorCode.ResourceExhausted]: "waits, no attempt spent",
};

function consequenceOf(thrown: unknown): Consequence {
  if (isPermanent(thrown)) {
    return "fails for good";
  }
  return fullForMs(thrown) === undefined ? "another attempt" : "waits, no attempt spent";
}

describe("what a job's failure leads to", () => {
  it.each(Object.entries(CONSEQUENCES))("%s: %s", (code, consequence) => {
    expect(consequenceOf(twirpError(code as TwirpErrorCode, "no"))).toBe(consequence);
  });

  it.each(Object.values(TwirpErrorCode))(
    "is failure for good when meta.permanent says so, whatever the code: %s",
    (code) => {
      expect(consequenceOf(twirpError(code, "no", { permanent: "true" }))).toBe("fails for good");
    },
  );

  it("is failure for good on a PermanentError, and another attempt on anything that is thrown by mistake", () => {
    expect(consequenceOf(new PermanentError("no"))).toBe("fails for good");
    for (const thrown of [new TypeError("x is not a function"), "text", undefined, null, { code: "nonsense" }]) {
      expect(consequenceOf(thrown)).toBe("another attempt");
      expect(failureOf(thrown)).toEqual({ code: "internal", message: "internal error" });
    }
  });

  it.each([
    ["1500", 1_500],
    ["0", 0],
    ["-5", 0],
    ["soon", 0],
    ["Infinity", 0],
    ["99999999999", 3_600_000],
  ])("waits as the service asks, within reason: retry_after_ms %s", (asked, forMs) => {
    expect(fullForMs(resourceExhausted("full", { retry_after_ms: asked }))).toBe(forMs);
  });
});
