import { createHash } from "node:crypto";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import {
  type ConversionCompleteEmail,
  Email,
  EmailTemplate,
  type NotificationEmail,
  type SendEmailRequest,
} from "../../gen/twirp/mcsv/v1/email";
import { invalidArgument } from "../platform/twirp/errors";
import { canonicalEmailAddress } from "../platform/validation/email-address";
import { checkText, checkUuid } from "../platform/validation/fields";
import type { Mailbox } from "./sender";

// What SendEmail must be, and what it is once it has been checked. Every check throws invalid_argument with
// meta.argument = path of the field.

const MAX_NAME = 200;
const MAX_SUBJECT = 200;
const MAX_MESSAGE = 10_000;
const MAX_FILE_NAME = 1_000;
const MAX_URL = 8_192;

/** What a mail says. */
export type MailContent =
  | { readonly template: EmailTemplate.WELCOME }
  | { readonly template: EmailTemplate.NOTIFICATION; readonly subject: string; readonly message: string }
  | {
      readonly template: EmailTemplate.CONVERSION_COMPLETE;
      readonly fileName: string;
      readonly pdfUrl: string;
      /** Undefined when the URL does not say. */
      readonly pdfUrlExpiresAt: Date | undefined;
      readonly pdfBytes: bigint;
    };

/** A mail that is fit to be sent. */
export interface OrderedMail {
  readonly jobId: string;
  readonly recipient: Mailbox;
  readonly content: MailContent;
  /** SHA-256 of the mail as it was ordered: tells a repetition from another mail of the same job. */
  readonly contentHash: Buffer;
}

/** Checks SendEmail. */
export function checkSendEmail({ jobId, email }: SendEmailRequest): OrderedMail {
  const id = checkUuid("job_id", jobId);
  if (email === undefined) {
    throw invalidArgument("email", "is required");
  }
  const { recipient, content } = email;
  if (recipient === undefined) {
    throw invalidArgument("email.recipient", "is required");
  }
  const address = canonicalEmailAddress(recipient.address);
  const name = checkText("email.recipient.name", recipient.name, { min: 0, max: MAX_NAME });
  return {
    jobId: id,
    recipient: { name, address },
    content: checkContent(content),
    contentHash: createHash("sha256")
      .update(Email.toBinary(email, { writeUnknownFields: false }))
      .digest(),
  };
}

function checkContent(content: Email["content"]): MailContent {
  switch (content.oneofKind) {
    case "welcome":
      return { template: EmailTemplate.WELCOME };
    case "notification":
      return checkNotification(content.notification);
    case "conversionComplete":
      return checkConversionComplete(content.conversionComplete);
    case undefined:
      throw invalidArgument("email.content", "is required: welcome, notification or conversion_complete");
    default:
      return content satisfies never;
  }
}

function checkNotification({ subject, message }: NotificationEmail): MailContent {
  return {
    template: EmailTemplate.NOTIFICATION,
    subject: checkText("email.notification.subject", subject, { min: 1, max: MAX_SUBJECT }),
    message: checkText("email.notification.message", message, { min: 1, max: MAX_MESSAGE, multiline: true }),
  };
}

function checkConversionComplete(mail: ConversionCompleteEmail): MailContent {
  const field = "email.conversion_complete";
  checkUuid(`${field}.conversion_id`, mail.conversionId);
  if (mail.pdfBytes < 0n) {
    throw invalidArgument(`${field}.pdf_bytes`, "must not be negative");
  }
  return {
    template: EmailTemplate.CONVERSION_COMPLETE,
    fileName: checkText(`${field}.file_name`, mail.fileName, { min: 1, max: MAX_FILE_NAME }),
    pdfUrl: checkHttpUrl(`${field}.pdf_url`, mail.pdfUrl),
    pdfUrlExpiresAt: checkTime(`${field}.pdf_url_expires_at`, mail.pdfUrlExpiresAt),
    pdfBytes: mail.pdfBytes,
  };
}

/** Checks a URL that people will click on: http or https, and nothing that could hide another target. */
function checkHttpUrl(field: string, text: string): string {
  const url = text.length <= MAX_URL && !/[\s\p{Cc}]/u.test(text) ? URL.parse(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "") {
    throw invalidArgument(field, `must be an http or https URL of at most ${MAX_URL} characters`);
  }
  // As it was given: a signature covers every character of it.
  return text;
}

function checkTime(field: string, time: Timestamp | undefined): Date | undefined {
  if (time === undefined) {
    return undefined;
  }
  const date = Timestamp.toDate(time);
  if (Number.isNaN(date.getTime())) {
    throw invalidArgument(field, "must be a time");
  }
  return date;
}
