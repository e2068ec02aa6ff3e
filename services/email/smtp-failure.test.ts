import { expect, it } from "vitest";
import { toSmtpFailure } from "./smtp-failure";

const failure = (facts: object) => toSmtpFailure(Object.assign(new Error("550 <ada@example.com> unknown"), facts));

it.each([
  [
    { code: "EENVELOPE", responseCode: 450 },
    { transient: true, smtpCode: 450 },
  ],
  [
    { code: "EENVELOPE", responseCode: 550 },
    { transient: false, smtpCode: 550 },
  ],
  [
    { code: "EMESSAGE", responseCode: 554 },
    { transient: false, smtpCode: 554 },
  ],
  [
    { code: "EPROTOCOL", responseCode: 421 },
    { transient: true, smtpCode: 421 },
  ],
  [
    { code: "EAUTH", responseCode: 535 },
    { transient: true, smtpCode: 535 },
  ],
  [{ code: "ECONNECTION" }, { transient: true, smtpCode: undefined }],
  [{ code: "ETIMEDOUT" }, { transient: true, smtpCode: undefined }],
  [{ code: "EDNS" }, { transient: true, smtpCode: undefined }],
  [{ code: "ETLS" }, { transient: true, smtpCode: undefined }],
  [{ code: "EABORT" }, { transient: true, smtpCode: undefined }],
  [{ code: "EENVELOPE" }, { transient: false, smtpCode: undefined }],
  [{ code: "EURLACCESS" }, { transient: false, smtpCode: undefined }],
  [{}, { transient: true, smtpCode: undefined }],
])("reads %j as %j", (facts, expected) => {
  const { transient, smtpCode, message } = failure(facts);
  expect({ transient, smtpCode }).toEqual(expected);
  expect(message).not.toContain("ada@");
});
