/** What was at fault, as jobs are searched by it. */
type SmtpReason =
  | "smtp_4xx"
  | "smtp_5xx"
  | "smtp_login_refused"
  | "smtp_unreachable"
  | "smtp_closed"
  | "smtp_unsendable";

type SmtpFacts = Pick<SmtpFailure, "transient" | "smtpCode" | "reason">;

/** Why a mail was not sent. The message is safe to be shown: it has neither addresses nor what the server wrote. */
export class SmtpFailure extends Error {
  /** Whether trying again later can help: no connection, or a 4xx answer. */
  readonly transient: boolean;
  /** Answer of the server, such as 550; undefined when there was none. */
  readonly smtpCode: number | undefined;
  readonly reason: SmtpReason;

  constructor(message: string, { transient, smtpCode, reason }: SmtpFacts, cause: unknown) {
    super(message, { cause });
    this.name = "SmtpFailure";
    this.transient = transient;
    this.smtpCode = smtpCode;
    this.reason = reason;
  }
}

/** Codes of nodemailer for mails that it cannot send wherever the server is: our mistake, not the server's. */
const localCodes: ReadonlySet<string> = new Set(["EFILEACCESS", "EURLACCESS", "ECONFIG", "ESTREAM"]);

/** What is answered to before there is a mail: a refusal is about the server, its settings or ours. */
const beforeMail: ReadonlySet<string> = new Set(["CONN", "EHLO", "HELO", "LHLO", "STARTTLS"]);

/**
 * Reads an error of nodemailer (RFC 5321 section 4.2.1: 4yz is transient, 5yz permanent).
 *
 * A refused log-in counts as transient although it is answered with 535, and so does a refused connection (554): they say
 * nothing about the mail, and mails should wait until that is put right.
 */
export function toSmtpFailure(error: unknown): SmtpFailure {
  const { code, command, responseCode } = facts(error);
  if (code === "EAUTH" || code === "ENOAUTH") {
    const given = { transient: true, smtpCode: responseCode, reason: "smtp_login_refused" } as const;
    return new SmtpFailure("the SMTP server refuses the log-in", given, error);
  }
  if (responseCode !== undefined && beforeMail.has(command)) {
    const given = { transient: true, smtpCode: responseCode, reason: "smtp_closed" } as const;
    return new SmtpFailure(`the SMTP server takes no mails now (${responseCode})`, given, error);
  }
  if (responseCode !== undefined && responseCode >= 400) {
    const transient = responseCode < 500;
    const verb = transient ? "asks to try again later" : "refuses the mail for good";
    const reason = transient ? "smtp_4xx" : "smtp_5xx";
    const given = { transient, smtpCode: responseCode, reason } as const;
    return new SmtpFailure(`the SMTP server ${verb} (${responseCode})`, given, error);
  }
  if (localCodes.has(code) || (code === "EENVELOPE" && responseCode === undefined)) {
    const given = { transient: false, smtpCode: undefined, reason: "smtp_unsendable" } as const;
    return new SmtpFailure(`the mail cannot be sent as it is (${code})`, given, error);
  }
  const detail = code === "" ? "" : ` (${code})`;
  const given = { transient: true, smtpCode: responseCode, reason: "smtp_unreachable" } as const;
  return new SmtpFailure(`the SMTP server cannot be reached or broke off${detail}`, given, error);
}

function facts(error: unknown): { code: string; command: string; responseCode: number | undefined } {
  if (typeof error !== "object" || error === null) {
    return { code: "", command: "", responseCode: undefined };
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const responseCode =
    "responseCode" in error && typeof error.responseCode === "number" ? error.responseCode : undefined;
  const command = "command" in error && typeof error.command === "string" ? error.command : "";
  return { code, command, responseCode };
}
