import { expect, it } from "vitest";
import { domainOf, formatSender, parseSender } from "./sender";

it.each([
  ["no-reply@mcsv.example", { name: "", address: "no-reply@mcsv.example" }],
  ["mcsv <no-reply@mcsv.example>", { name: "mcsv", address: "no-reply@mcsv.example" }],
  ["<no-reply@mcsv.example>", { name: "", address: "no-reply@mcsv.example" }],
  ['"Team, mcsv" <no-reply@mcsv.example>', { name: "Team, mcsv", address: "no-reply@mcsv.example" }],
])("reads %j, and writes what it can read again", (text, mailbox) => {
  expect(parseSender(text)).toEqual(mailbox);
  expect(parseSender(formatSender(mailbox))).toEqual(mailbox);
});

it.each([
  "",
  "mcsv",
  "a@b.example, c@d.example",
  "mcsv <a@b.example> x",
  "x\r\nBcc: <a@b.example>",
  "a <b <c@d.example>>",
])("refuses %j", (text) => {
  expect(parseSender(text)).toBeUndefined();
});

it("knows the domain", () => {
  expect(domainOf({ name: "", address: "a@b.example" })).toBe("b.example");
});
