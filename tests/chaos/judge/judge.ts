import type { ConversionOrder, UserOrder } from "../load/steady-load";
import type { SeenCallback } from "../witness/callback-witness";
import type { SeenMail } from "../witness/mail-witness";
import { couldNotKnow, type Delivery } from "./could-not-know";
import type { Evidence, Verdict } from "./evidence";

/** Subjects of the mails. */
const WELCOME = "Welcome to mcsv";
const COMPLETE = /^Your PDF/;

/**
 * Compares what was promised with what has happened.
 *
 * What "doubled" means where a yes can be lost: SMTP and HTTP have no transaction that covers the other side, so whoever
 * does not learn whether a delivery was taken must lose it or repeat it, and this system repeats. A second delivery is
 * doubled unless the drill itself made the answer to the one before unknowable (it cut the connection after the mail was
 * kept, or killed whoever had sent it before the answer was written down; see couldNotKnow) and it carries the first one's
 * identity, by which every receiver can tell it as a repeat: the same Message-ID, the same job. Those are counted as
 * repeats, and shown.
 */
export function judge(evidence: Evidence): Verdict {
  const findings = new Findings();
  const mails = Map.groupBy(evidence.mails, ({ recipient }) => recipient);
  const callbacks = Map.groupBy(evidence.callbacks, ({ jobId }) => jobId);
  for (const order of [...evidence.users, ...evidence.conversions]) {
    if (order.refusal !== undefined) findings.problems.push(`${order.email}: refused: ${order.refusal}`);
    else if (order.acknowledgedAt === undefined) findings.problems.push(`${order.email}: never acknowledged`);
  }
  for (const user of evidence.users) judgeUser(user, mails.get(user.email) ?? [], callbacks, evidence, findings);
  for (const order of evidence.conversions) {
    judgeConversion(order, mails.get(order.email) ?? [], callbacks, evidence, findings);
  }
  judgeStrangers(evidence, mails, findings);
  findings.problems.push(...evidence.stuck, ...evidence.history);
  return findings;
}

class Findings implements Verdict {
  readonly lost: string[] = [];
  readonly doubled: string[] = [];
  readonly problems: string[] = [];
  repeats = 0;
  explained = 0;
}

function judgeUser(
  user: UserOrder,
  mails: readonly SeenMail[],
  callbacks: ReadonlyMap<string, SeenCallback[]>,
  evidence: Evidence,
  findings: Findings,
): void {
  const welcomes = mails.filter(({ subject }) => subject === WELCOME);
  judgeCopies(`welcome mail of ${user.email}`, welcomes, evidence, findings);
  if (user.acknowledgedAt === undefined) return;
  const told = callbacks.get(user.jobId) ?? [];
  judgeCallback(`callback of the welcome mail of ${user.email}`, user.jobId, user.jobId, told, evidence, findings);
  if (welcomes.length > 0) {
    judgeOutcome(`callback of the welcome mail of ${user.email}`, told, findings);
    return;
  }
  if (
    evidence.smtp.refused.has(user.email) &&
    told.some((callback) => isTaken(callback) && callback.outcome === "failure")
  ) {
    findings.explained += 1;
  } else {
    findings.lost.push(`welcome mail of ${user.email}`);
  }
}

function judgeConversion(
  order: ConversionOrder,
  mails: readonly SeenMail[],
  callbacks: ReadonlyMap<string, SeenCallback[]>,
  evidence: Evidence,
  findings: Findings,
): void {
  const what = `conversion ${order.conversionId} of ${order.email}`;
  const completions = mails.filter(({ subject }) => COMPLETE.test(subject));
  judgeCopies(`mail of ${what}`, completions, evidence, findings);
  if (order.acknowledgedAt === undefined) return;
  const told = callbacks.get(order.jobId) ?? [];
  judgeCallback(`callback of ${what}`, order.jobId, order.conversionId, told, evidence, findings);
  const seen = evidence.seenConversions.get(order.conversionId);
  switch (seen?.status) {
    case "completed":
      judgeOutcome(`callback of ${what}`, told, findings);
      if (seen.pdfHash !== order.picture.pdfHash) findings.lost.push(`PDF of ${what}: other bytes`);
      if (completions.length === 0 && !evidence.smtp.refused.has(order.email)) findings.lost.push(`mail of ${what}`);
      return;
    case "failed":
      findings.lost.push(`PDF of ${what}: failed with ${seen.failure ?? "no reason"}`);
      return;
    default:
      findings.lost.push(`PDF of ${what}: ${seen?.status ?? "unknown"}`);
  }
}

/** Copies of one mail. */
function judgeCopies(what: string, mails: readonly SeenMail[], evidence: Evidence, findings: Findings): void {
  const copies = mails.toSorted(byBegin);
  const [first, last] = [copies[0], copies.at(-1)];
  if (first === undefined || last === undefined || copies.length === 1) return;
  const recordedAt = evidence.mailsRecordedAt.get(first.messageId);
  const sender = { component: "email", kills: evidence.kills, recordedAt };
  const isOneMail = copies.every(({ messageId }) => messageId === first.messageId);
  const isExcused = copies.slice(1).every((copy, index) => couldNotKnow(copies[index] ?? copy, copy, last, sender));
  if (isOneMail && isExcused) findings.repeats += copies.length - 1;
  else findings.doubled.push(`${what}: ${copies.length} copies${isOneMail ? "" : " of different Message-IDs"}`);
}

/** @param recordId what the user service has written down goes by it */
function judgeCallback(
  what: string,
  jobId: string,
  recordId: string,
  callbacks: readonly SeenCallback[],
  evidence: Evidence,
  findings: Findings,
): void {
  const deliveries = callbacks.toSorted(byBegin);
  const answered = deliveries.filter(isTaken);
  const last = deliveries.at(-1);
  if (last === undefined || answered.length === 0) {
    findings.lost.push(what);
    return;
  }
  const takenAt = evidence.takenAt.get(jobId) ?? [];
  if (takenAt.length === 0) findings.problems.push(`${what}: acknowledged, and not in the client service's log`);
  const recordedAt = evidence.callbacksRecordedAt.get(recordId);
  const sender = { component: "user", kills: evidence.kills, recordedAt };
  // The client service knows a repeat by its job, until it is killed and has forgotten all.
  const isExcused = takenAt.slice(1).every((time) => {
    const index = deliveries.findLastIndex(({ begunAt }) => begunAt <= time);
    const [before, repeat] = [deliveries[index - 1], deliveries[index]];
    return before !== undefined && repeat !== undefined && couldNotKnow(before, repeat, last, sender);
  });
  if (isExcused) findings.repeats += answered.length - 1;
  else findings.doubled.push(`${what}: taken ${takenAt.length} times`);
}

/** A callback about what has succeeded. */
function judgeOutcome(what: string, told: readonly SeenCallback[], findings: Findings): void {
  const answered = told.filter(isTaken);
  if (answered.length > 0 && answered.every(({ outcome }) => outcome === "failure")) {
    findings.lost.push(`${what}: it tells of a failure that was none`);
  }
}

/** What nobody has ordered. */
function judgeStrangers(
  { users, conversions, pdfKeys, mails }: Evidence,
  byRecipient: ReadonlyMap<string, readonly SeenMail[]>,
  findings: Findings,
): void {
  const known = new Set(users.map(({ email }) => email));
  for (const [recipient, { length }] of byRecipient) {
    if (!known.has(recipient)) findings.doubled.push(`${length} mails to ${recipient}, who is nobody`);
  }
  for (const { recipient, subject } of mails) {
    if (subject !== WELCOME && !COMPLETE.test(subject)) findings.problems.push(`mail "${subject}" to ${recipient}`);
  }
  const wanted = new Set(conversions.map(({ jobId }) => `pdf/${jobId}.pdf`));
  for (const key of pdfKeys) {
    if (!wanted.has(key)) findings.doubled.push(`${key}, which belongs to no conversion`);
  }
}

/** Whether the client service has said yes. */
function isTaken({ at }: SeenCallback): boolean {
  return at !== undefined;
}

function byBegin(a: Delivery, b: Delivery): number {
  return a.begunAt - b.begunAt;
}
