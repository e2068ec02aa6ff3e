import { createHash } from "node:crypto";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import { Email, EmailTemplate, type SendEmailRequest } from "../../gen/twirp/mcsv/v1/email";
import { schemaBroken } from "../platform/contract/schema-broken";
import { canonicalEmailAddress } from "../platform/validation/email-address";
import type { Mailbox } from "./sender";

// What SendEmail asks for. That it is what its schema says has been checked before.

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

/** Reads SendEmail. */
export function readSendEmail({ jobId, email }: SendEmailRequest): OrderedMail {
  if (email?.recipient === undefined) {
    throw schemaBroken("email.recipient");
  }
  const { recipient, content } = email;
  return {
    jobId: jobId.toLowerCase(),
    recipient: { name: recipient.name, address: canonicalEmailAddress(recipient.address) },
    content: readContent(content),
    contentHash: createHash("sha256")
      .update(Email.toBinary(email, { writeUnknownFields: false }))
      .digest(),
  };
}

function readContent(content: Email["content"]): MailContent {
  switch (content.oneofKind) {
    case "welcome":
      return { template: EmailTemplate.WELCOME };
    case "notification": {
      const { subject, message } = content.notification;
      return { template: EmailTemplate.NOTIFICATION, subject, message };
    }
    case "conversionComplete": {
      const { fileName, pdfUrl, pdfUrlExpiresAt, pdfBytes } = content.conversionComplete;
      const expiresAt = pdfUrlExpiresAt === undefined ? undefined : Timestamp.toDate(pdfUrlExpiresAt);
      // The URL as it was given: a signature covers every character of it.
      return { template: EmailTemplate.CONVERSION_COMPLETE, fileName, pdfUrl, pdfUrlExpiresAt: expiresAt, pdfBytes };
    }
    case undefined:
      throw schemaBroken("email.content");
    default:
      return content satisfies never;
  }
}
