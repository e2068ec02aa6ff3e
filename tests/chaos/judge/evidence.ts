import type { ConversionOrder, UserOrder } from "../load/steady-load";
import type { SeenCallback } from "../witness/callback-witness";
import type { SeenMail, SmtpRecord } from "../witness/mail-witness";

/** A process that was ended, or a connection to it, at some time. */
export interface Kill {
  readonly component: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What a conversion has come to, as its owner is told. */
export interface SeenConversion {
  readonly status: "pending" | "completed" | "failed";
  /** SHA-256 of what its PDF's URL answers, in hexadecimal; undefined without a PDF. */
  readonly pdfHash: string | undefined;
  /** Why it failed. */
  readonly failure: string | undefined;
}

/** All that is known at the end of a drill. */
export interface Evidence {
  readonly users: readonly UserOrder[];
  readonly conversions: readonly ConversionOrder[];
  readonly mails: readonly SeenMail[];
  /** When the email service saw the SMTP server's yes that its ledger has, in epoch milliseconds by Message-ID. */
  readonly mailsRecordedAt: ReadonlyMap<string, number>;
  readonly smtp: Pick<SmtpRecord, "refused">;
  readonly callbacks: readonly SeenCallback[];
  /** When the client service took a callback as one that it had not seen, in epoch milliseconds by job, in order. */
  readonly takenAt: ReadonlyMap<string, readonly number[]>;
  /** When the user service wrote down that a callback was taken, in epoch milliseconds by job or conversion. */
  readonly callbacksRecordedAt: ReadonlyMap<string, number>;
  /** By conversion. */
  readonly seenConversions: ReadonlyMap<string, SeenConversion>;
  /** Keys of all PDFs in the object store. */
  readonly pdfKeys: readonly string[];
  /** Jobs that wait or run although nothing is left to happen, in words. */
  readonly stuck: readonly string[];
  /** Where the history of jobs and their state differ, in words. */
  readonly history: readonly string[];
  readonly kills: readonly Kill[];
}

/** What a drill has come to. */
export interface Verdict {
  /** Promises that were not kept, in words. */
  readonly lost: readonly string[];
  /** Effects that happened twice, or to somebody who was promised none, in words. */
  readonly doubled: readonly string[];
  /** Other reasons why the drill is not passed: stuck jobs, orders that were refused, a history that is wrong. */
  readonly problems: readonly string[];
  /**
   * Deliveries that were repeated because the yes to the first could not be known, and that the receiver can tell as
   * repeats: by Message-ID, or by job.
   */
  readonly repeats: number;
  /** Orders that failed for good, each with a reason that was told, where the drill made that the right answer. */
  readonly explained: number;
}
