import { randomUUID } from "node:crypto";
import type { Pool, QueryConfig, QueryResult, QueryResultRow } from "pg";
import { EmailTemplate } from "../../gen/twirp/mcsv/v1/email";
import { isTransientDatabaseError } from "../platform/postgres/is-transient";
import type { OrderedMail } from "./request";

// Terms: a *claim* is the right to send the mail of a job; it lapses unless it is renewed. A mail is *delivered* once the
// SMTP server has accepted it and the ledger says so.

/** A mail that was delivered, as the ledger has it. */
export interface Delivery {
  readonly messageId: string;
  readonly template: EmailTemplate;
  readonly recipientAddress: string;
  readonly deliveredAt: Date;
}

/** The right to send the mail of a job. */
export interface Claim {
  readonly jobId: string;
  readonly claimId: string;
  /** Without angle brackets; the same for every attempt of the job. */
  readonly messageId: string;
  /** When the first attempt began; the date of the mail, whichever attempt sends it. */
  readonly firstClaimedAt: Date;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What asking for a claim came to. */
export type ClaimOutcome =
  | { readonly kind: "claimed"; readonly claim: Claim }
  /** The mail was delivered before. */
  | { readonly kind: "delivered"; readonly delivery: Delivery }
  /** Another call is sending it. */
  | { readonly kind: "busy" }
  /** The job stands for another mail. */
  | { readonly kind: "conflict" };

/** Remembers which job's mail was sent, so that a job that runs twice mails once. */
export class SentLedger {
  /**
   * Until then no claim is taken over, by the clock of performance.now(). A claim also lapses when its holder lives and the
   * database is away; so whoever has met an outage, or has just started and cannot know, leaves the holder the time to renew.
   */
  #takeOverNotBefore: number;

  constructor(
    private readonly pool: Pool,
    /** How long a claim holds unless it is renewed. */
    readonly claimTimeoutMs: number,
    private readonly mailDomain: string,
  ) {
    this.#takeOverNotBefore = performance.now() + claimTimeoutMs;
  }

  /** Asks for the right to send a mail; one statement of its own, committed when this resolves. */
  async claim(mail: OrderedMail): Promise<ClaimOutcome> {
    const values = [
      mail.jobId,
      mail.contentHash,
      `${mail.jobId}@${this.mailDomain}`,
      templateNames[mail.content.template],
      mail.recipient.address,
      randomUUID(),
      this.claimTimeoutMs,
      performance.now() >= this.#takeOverNotBefore,
    ];
    // Named, so that each connection parses and plans it once; so is the other statement that every mail takes.
    const claimed = await this.#query<ClaimRow>({ name: "claim-mail", text: claimStatement, values });
    const [row] = claimed.rows;
    if (row !== undefined) {
      return { kind: "claimed", claim: claimFromRow(mail.jobId, row) };
    }
    const found = await this.#query<LedgerRow>({ text: lookStatement, values: [mail.jobId] });
    const [entry] = found.rows;
    if (entry === undefined) {
      return { kind: "busy" };
    }
    if (!entry.content_hash.equals(mail.contentHash)) {
      return { kind: "conflict" };
    }
    const delivery = deliveryFromRow(entry);
    return delivery === undefined ? { kind: "busy" } : { kind: "delivered", delivery };
  }

  /** Lets a claim hold longer. Does nothing for a claim that was lost to another call. */
  async renew({ jobId, claimId }: Claim): Promise<void> {
    await this.#query({ text: renewStatement, values: [jobId, claimId, this.claimTimeoutMs] });
  }

  /** Gives a claim back, because the mail was not accepted: the next call may send at once. */
  async release({ jobId, claimId }: Claim): Promise<void> {
    await this.#query({ text: releaseStatement, values: [jobId, claimId] });
  }

  /**
   * Records that the SMTP server has accepted the mail of a job. Holds whoever has the claim by now: accepted is accepted.
   *
   * @returns the delivery; the earlier one when two attempts were accepted
   */
  async recordDelivery(jobId: string, deliveredAt: Date): Promise<Delivery> {
    const values = [jobId, deliveredAt];
    const { rows } = await this.#query<LedgerRow>({ name: "record-delivery", text: deliveredStatement, values });
    const delivery = rows[0] && deliveryFromRow(rows[0]);
    if (delivery === undefined) {
      throw new Error(`the ledger has no entry for job ${jobId}`);
    }
    return delivery;
  }

  async #query<R extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<R>> {
    try {
      return await this.pool.query<R>(statement);
    } catch (error) {
      if (isTransientDatabaseError(error)) {
        this.#takeOverNotBefore = performance.now() + this.claimTimeoutMs;
      }
      throw error;
    }
  }
}

interface ClaimRow {
  claim_id: string;
  message_id: string;
  attempts: number;
  created_at: Date;
}

interface LedgerRow {
  content_hash: Buffer;
  message_id: string;
  template: string;
  recipient_address: string;
  delivered_at: Date | null;
}

/** Inserts a claim, or takes over one that was given back or has lapsed; of several callers exactly one gets the row. */
const claimStatement = `
  INSERT INTO sent_ledger AS entry
    (job_id, content_hash, message_id, template, recipient_address, claim_id, claimed_until)
  VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 millisecond')
  ON CONFLICT (job_id) DO UPDATE
    SET claim_id = excluded.claim_id, claimed_until = excluded.claimed_until, attempts = entry.attempts + 1
    WHERE entry.delivered_at IS NULL
      AND entry.content_hash = excluded.content_hash
      AND (entry.claimed_until = '-infinity' OR (entry.claimed_until <= clock_timestamp() AND $8))
  RETURNING claim_id, message_id, attempts, created_at`;

const lookStatement = `
  SELECT content_hash, message_id, template, recipient_address, delivered_at FROM sent_ledger WHERE job_id = $1`;

const renewStatement = `
  UPDATE sent_ledger SET claimed_until = clock_timestamp() + $3 * interval '1 millisecond'
  WHERE job_id = $1 AND claim_id = $2 AND delivered_at IS NULL`;

const releaseStatement = `
  UPDATE sent_ledger SET claimed_until = '-infinity' WHERE job_id = $1 AND claim_id = $2 AND delivered_at IS NULL`;

const deliveredStatement = `
  UPDATE sent_ledger SET delivered_at = coalesce(delivered_at, $2) WHERE job_id = $1
  RETURNING content_hash, message_id, template, recipient_address, delivered_at`;

const templateNames: Readonly<Record<OrderedMail["content"]["template"], string>> = {
  [EmailTemplate.WELCOME]: "welcome",
  [EmailTemplate.NOTIFICATION]: "notification",
  [EmailTemplate.CONVERSION_COMPLETE]: "conversion-complete",
};

function claimFromRow(jobId: string, row: ClaimRow): Claim {
  return {
    jobId,
    claimId: row.claim_id,
    messageId: row.message_id,
    firstClaimedAt: row.created_at,
    attempt: row.attempts,
  };
}

function deliveryFromRow(row: LedgerRow): Delivery | undefined {
  if (row.delivered_at === null) {
    return undefined;
  }
  const template = Object.entries(templateNames).find(([, name]) => name === row.template)?.[0];
  return {
    messageId: row.message_id,
    template: Number(template ?? EmailTemplate.UNSPECIFIED),
    recipientAddress: row.recipient_address,
    deliveredAt: row.delivered_at,
  };
}
