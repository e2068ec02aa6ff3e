import { expect, it } from "vitest";
import { toSmtpFailure } from "./smtp-failure";

const failure = (facts: object) => toSmtpFailure(Object.assign(new Error("550 <ada@example.com> unknown"), facts));

it.each([
  [
    { code: "EENVELOPE", responseCode: 450 },
    { transient: true, smtpCode: 450, reason: "smtp_4xx" },
  ],
  [
    { code: "EENVELOPE", responseCode: 550 },
    { transient: false, smtpCode: 550, reason: "smtp_5xx" },
  ],
  [
    { code: "EMESSAGE", responseCode: 554 },
    { transient: false, smtpCode: 554, reason: "smtp_5xx" },
  ],
  [
    { code: "EPROTOCOL", responseCode: 421 },
    { transient: true, smtpCode: 421, reason: "smtp_4xx" },
  ],
  [
    { code: "EAUTH", responseCode: 535 },
    { transient: true, smtpCode: 535, reason: "smtp_login_refused" },
  ],
  [
    { code: "EPROTOCOL", command: "CONN", responseCode: 554 },
    { transient: true, smtpCode: 554, reason: "smtp_closed" },
  ],
  [{ code: "ECONNECTION" }, { transient: true, smtpCode: undefined, reason: "smtp_unreachable" }],
  [{ code: "ETIMEDOUT" }, { transient: true, smtpCode: undefined, reason: "smtp_unreachable" }],
  [{ code: "EDNS" }, { transient: true, smtpCode: undefined, reason: "smtp_unreachable" }],
  [{ code: "ETLS" }, { transient: true, smtpCode: undefined, reason: "smtp_unreachable" }],
  [{ code: "EABORT" }, { transient: true, smtpCode: undefined, reason: "smtp_unreachable" }],
  [{ code: "EENVELOPE" }, { transient: false, smtpCode: undefined, reason: "smtp_unsendable" }],
  [{ code: "EURLACCESS" }, { transient: false, smtpCode: undefined, reason: "smtp_unsendable" }],
  [{}, { transient: true, smtpCode: undefined, reason: "smtp_unreachable" }],
])("reads %j as %j", (facts, expected) => {
  const { transient, smtpCode, reason, message } = failure(facts);
  expect({ transient, smtpCode, reason }).toEqual(expected);
  expect(message).not.toContain("ada@");
});
