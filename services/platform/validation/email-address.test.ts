import { describe, expect, it } from "vitest";
import { canonicalEmailAddress, emailAddressProblem } from "./email-address";

describe("the address of a mailbox", () => {
  it.each([
    "ada@example.com",
    "Ada.Lovelace+tag@Mail.Example.co.uk",
    "o'brien@example.ie",
    "a@b.io",
    "user_name-1@xn--bcher-kva.example",
    `${"l".repeat(64)}@example.com`,
    "1@2.example",
    "!#$%&'*+/=?^_`{|}~-@example.org",
  ])("takes %j as it is", (text) => {
    expect(emailAddressProblem(text)).toBeUndefined();
    expect(canonicalEmailAddress(text)).toBe(text);
  });

  it("brings an international domain name into its ASCII form", () => {
    for (const text of ["ada@Bücher.example", "ada@bu\u0308cher.example"]) {
      expect(emailAddressProblem(text)).toBeUndefined();
      expect(canonicalEmailAddress(text)).toBe("ada@xn--bcher-kva.example");
    }
  });

  it.each([
    ["", "nothing"],
    ["ada", "no domain"],
    ["@example.com", "no local part"],
    ["ada@", "no domain after the at"],
    ["ada@example", "a domain without a dot"],
    ["ada@@example.com", "two ats"],
    ["ada lovelace@example.com", "a space"],
    [" ada@example.com", "a space before"],
    ["ada@example.com ", "a space after"],
    ['"ada lovelace"@example.com', "a quoted local part"],
    ["Ada <ada@example.com>", "a display name"],
    ["<ada@example.com>", "angle brackets"],
    ["ada@example.com,eve@example.org", "a list"],
    ["ada@example.com, eve@example.org", "a list with a space"],
    ["ada@example.com;eve@example.org", "a list with a semicolon"],
    ["ada@example.com\r\nBcc: eve@example.org", "a header injected"],
    ["ada@example.com\n", "a line break"],
    ["ada\0@example.com", "NUL"],
    ["ada(comment)@example.com", "a comment"],
    [".ada@example.com", "a leading dot"],
    ["ada.@example.com", "a trailing dot"],
    ["ada..lovelace@example.com", "two dots"],
    ["ada@.example.com", "an empty label"],
    ["ada@example..com", "an empty label inside"],
    ["ada@example.com.", "a trailing dot in the domain"],
    ["ada@-example.com", "a label that begins with a hyphen"],
    ["ada@example-.com", "a label that ends with a hyphen"],
    ["ada@127.0.0.1", "an IP address"],
    ["ada@[127.0.0.1]", "an address literal"],
    ["ada@exa_mple.com", "an underscore in the domain"],
    ["ada@example.com\u202e", "a bidirectional override"],
    ["ädä@example.com", "a local part beyond ASCII"],
    ["ada@\uff01.com", "a domain that maps to nothing valid"],
    [`${"l".repeat(65)}@example.com`, "a local part above 64 characters"],
    [`ada@${"d".repeat(64)}.com`, "a label above 63 characters"],
    [`ada@${"d.".repeat(126)}com`, "more than 254 characters"],
    [`ada@${"ü".repeat(250)}.com`, "a domain whose ASCII form is too long"],
  ])("refuses %j: %s", (text) => {
    expect(emailAddressProblem(text)).toMatch(/^must (?:have|be) /);
  });

  it("is not slowed down by hostile texts", () => {
    const started = performance.now();
    for (const text of [
      `${"a.".repeat(500_000)}@example.com`,
      `ada@${"a-".repeat(500_000)}.com`,
      `ada@${"ü".repeat(500_000)}.com`,
      "@".repeat(1_000_000),
    ]) {
      expect(emailAddressProblem(text)).toMatch(/^must (?:have|be) /);
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});
