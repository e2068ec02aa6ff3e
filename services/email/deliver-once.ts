import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseError } from "pg";
import { pause } from "../platform/lifecycle/pause";
import type { Logger } from "../platform/logging/create-logger";
import { isTransientDatabaseError } from "../platform/postgres/is-transient";
import { alreadyExists } from "../platform/twirp/errors";
import type { MailMetrics } from "./mail-metrics";
import type { MailRenderer } from "./render-mail";
import type { OrderedMail } from "./request";
import type { Claim, Delivery, SentLedger } from "./sent-ledger";
import type { SmtpSender } from "./smtp-sender";

/** What delivering works with. */
export interface DeliverOnceOptions {
  readonly ledger: SentLedger;
  readonly smtp: SmtpSender;
  readonly render: MailRenderer;
  readonly logger: Logger;
  readonly metrics: MailMetrics;
}

/** First and longest pause between two looks at a claim of another call, and between two tries to record a delivery. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * Sends the mail of a job once.
 *
 * What holds, and what cannot: SMTP knows no transaction, so between the server's "250" and the ledger's commit there is a
 * moment in which a crash leaves a mail that was sent and is not known to be. We choose *at least once* for that moment:
 *
 * - At most once, as long as no process is killed or stands still and no connection breaks at that moment. Of any number of
 *   calls for a job, at the same time, in any number of processes, one holds the claim and sends; the others wait and get its
 *   answer. A call whose caller goes away sends on and records the delivery.
 * - A database that fails at that moment does not count as a crash: the process remembers what was accepted and goes on
 *   recording it. Its claim may lapse meanwhile; but others who have met the outage leave it the time to renew it
 *   (SentLedger), and no claim is used whose answer was late.
 * - When the process is killed at that moment, or the connection breaks after the last byte of the mail, the mail is sent
 *   again once the claim has lapsed: the same Message-ID and Date, by which servers and mail programs know a duplicate.
 *   Never is a mail reported as delivered that no SMTP server has accepted.
 */
export class DeliverOnce {
  readonly #options: DeliverOnceOptions;
  /** Mails that this process is sending, or recording as sent, by job. */
  readonly #underWay = new Map<string, { readonly mail: OrderedMail; readonly delivery: Promise<Delivery> }>();

  constructor(options: DeliverOnceOptions) {
    this.#options = options;
  }

  /**
   * Delivers a mail, or tells how it was delivered before.
   *
   * @param signal ends the waiting of this call, and not what it has begun
   * @throws TwirpError already_exists when the job stands for another mail; SmtpFailure; an error of the database
   */
  async deliver(mail: OrderedMail, signal: AbortSignal): Promise<Delivery> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted();
      const same = this.#underWay.get(mail.jobId);
      if (same?.mail.contentHash.equals(mail.contentHash)) {
        return await orAbort(same.delivery, signal);
      }
      const { ledger } = this.#options;
      const askedAt = performance.now();
      const outcome = await ledger.claim(mail);
      switch (outcome.kind) {
        case "claimed":
          if (performance.now() - askedAt < ledger.claimTimeoutMs / 2) {
            return await orAbort(this.#begin(mail, outcome.claim), signal);
          }
          // An answer that comes so late is of the past: the claim may have lapsed, and the mail be on its way.
          await ledger.release(outcome.claim);
          break;
        case "delivered":
          return outcome.delivery;
        case "conflict":
          throw alreadyExists("job_id", "the job stands for another mail");
        case "busy":
          // An end of the pause by the signal shows at the top of the loop.
          await pause(pauseMs, signal);
          break;
        default:
          outcome satisfies never;
      }
    }
  }

  /** Resolves when nothing is under way any more. */
  async drain(): Promise<void> {
    while (this.#underWay.size > 0) {
      await Promise.allSettled([...this.#underWay.values()].map(({ delivery }) => delivery));
    }
  }

  #begin(mail: OrderedMail, claim: Claim): Promise<Delivery> {
    const delivery = this.#send(mail, claim).finally(() => this.#underWay.delete(mail.jobId));
    this.#underWay.set(mail.jobId, { mail, delivery });
    return delivery;
  }

  async #send(mail: OrderedMail, claim: Claim): Promise<Delivery> {
    const { ledger, smtp, render, logger, metrics } = this.#options;
    const renewal = this.#keepRenewing(claim);
    try {
      const rendered = render(mail.recipient.name, mail.content);
      const { messageId, firstClaimedAt: date } = claim;
      await metrics.measure(mail.content.template, () =>
        smtp.send({ ...rendered, recipient: mail.recipient, messageId, date }),
      );
    } catch (error) {
      clearInterval(renewal);
      await ledger.release(claim).catch((failure: unknown) => {
        // It lapses by itself.
        logger.warn("a claim was not given back", { job_id: mail.jobId, error: failure });
      });
      throw error;
    }
    try {
      return await this.#record(mail.jobId, new Date());
    } finally {
      clearInterval(renewal);
    }
  }

  /** Records a delivery, however long the database is away or refuses it: forgetting it would send the mail again. */
  async #record(jobId: string, deliveredAt: Date): Promise<Delivery> {
    const { ledger, logger } = this.#options;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await ledger.recordDelivery(jobId, deliveredAt);
      } catch (error) {
        const isTransient = isTransientDatabaseError(error);
        if (!isTransient && !(error instanceof DatabaseError)) {
          throw error;
        }
        logger.log(isTransient ? "warn" : "error", "a delivery is not recorded yet", { job_id: jobId, error });
        await sleep(pauseMs);
      }
    }
  }

  #keepRenewing(claim: Claim): NodeJS.Timeout {
    const { ledger, logger } = this.#options;
    return setInterval(() => {
      ledger.renew(claim).catch((error: unknown) => {
        logger.warn("a claim was not renewed", { job_id: claim.jobId, error });
      });
    }, ledger.claimTimeoutMs / 3);
  }
}

/** What the work resolves with, or an error when the signal fires first; the work goes on. */
async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
