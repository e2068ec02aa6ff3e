import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import { EnqueueEmailRequest } from "../../gen/twirp/mcsv/v1/job";

// The mails that this service orders, and the idempotency keys that name them at the job service.

/** The person that a mail goes to. */
export interface MailedUser {
  id: string;
  email: string;
  name: string;
}

/** Idempotency key of a user's welcome mail. */
export function welcomeKey(userId: string): string {
  return `welcome:${userId}`;
}

/** The mail that greets a user. */
export function welcomeMail(user: MailedUser): EnqueueEmailRequest {
  return EnqueueEmailRequest.create({
    idempotencyKey: welcomeKey(user.id),
    userId: user.id,
    email: {
      recipient: { address: user.email, name: user.name },
      content: { oneofKind: "welcome", welcome: {} },
    },
  });
}

/** A PDF that a mail tells of. */
export interface MailedPdf {
  conversionId: string;
  fileName: string;
  url: string;
  urlExpiresAt: Date;
  bytes: bigint;
}

/** The mail that tells a user that a PDF is ready. */
export function conversionCompleteMail(user: MailedUser, pdf: MailedPdf): EnqueueEmailRequest {
  return EnqueueEmailRequest.create({
    idempotencyKey: `conversion-complete:${pdf.conversionId}`,
    userId: user.id,
    email: {
      recipient: { address: user.email, name: user.name },
      content: {
        oneofKind: "conversionComplete",
        conversionComplete: {
          conversionId: pdf.conversionId,
          fileName: pdf.fileName,
          pdfUrl: pdf.url,
          pdfUrlExpiresAt: Timestamp.fromDate(pdf.urlExpiresAt),
          pdfBytes: pdf.bytes,
        },
      },
    },
  });
}
