import type { ConversionOrder, UserOrder } from "../../load/steady-load";
import type { SeenCallback } from "../../witness/callback-witness";
import type { SeenMail } from "../../witness/mail-witness";
import type { Evidence } from "../evidence";

/** A user who was acknowledged. */
export function userOrder(name: string, differences: Partial<UserOrder> = {}): UserOrder {
  return {
    begunAt: 0,
    email: `${name}@example.com`,
    acknowledgedAt: 1,
    jobId: name,
    refusal: undefined,
    userId: name,
    ...differences,
  };
}

/** A conversion of that user that was acknowledged. */
export function conversionOrder(owner: UserOrder, differences: Partial<ConversionOrder> = {}): ConversionOrder {
  const picture = { png: Buffer.alloc(0), pdfHash: "right" };
  const jobId = `conversion-${owner.userId}`;
  return { ...userOrder(""), email: owner.email, jobId, owner, picture, conversionId: jobId, ...differences };
}

/** A callback that arrived, and whose answer did. */
export function callbackOf(jobId: string, differences: Partial<SeenCallback> = {}): SeenCallback {
  return { jobId, outcome: "success", begunAt: 5, at: 10, isAnswered: true, ...differences };
}

/** A mail that was kept. */
export function mailTo({ email }: UserOrder, subject: string, differences: Partial<SeenMail> = {}): SeenMail {
  const messageId = `${subject} ${email}`;
  return { messageId, recipient: email, subject, begunAt: 5, at: 10, isAnswered: true, ...differences };
}

/** Evidence of a load of which nothing was lost or doubled: one user with one conversion. */
export function spotlessEvidence(): Evidence {
  const user = userOrder("ada");
  const conversion = conversionOrder(user);
  const mails = [mailTo(user, "Welcome to mcsv"), mailTo(user, "Your PDF is ready: picture-0.png")];
  return {
    users: [user],
    conversions: [conversion],
    mails,
    mailsRecordedAt: new Map(mails.map(({ messageId }) => [messageId, 12])),
    smtp: { refused: new Set() },
    callbacks: [callbackOf(user.jobId), callbackOf(conversion.jobId)],
    takenAt: new Map([
      [user.jobId, [8]],
      [conversion.jobId, [8]],
    ]),
    callbacksRecordedAt: new Map([
      [user.jobId, 12],
      [conversion.conversionId, 12],
    ]),
    seenConversions: new Map([
      [conversion.conversionId, { status: "completed", pdfHash: "right", failure: undefined }],
    ]),
    pdfKeys: [`pdf/${conversion.jobId}.pdf`],
    stuck: [],
    history: [],
    kills: [],
  };
}
