import { randomUUID } from "node:crypto";
import { createNoopMeter } from "@opentelemetry/api";
import type { Pool } from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { EmailTemplate } from "../../gen/twirp/mcsv/v1/email";
import { recordLog } from "../../tests/support/record-log";
import { DeliverOnce } from "./deliver-once";
import { MailMetrics } from "./mail-metrics";
import { createMailRenderer } from "./render-mail";
import type { OrderedMail } from "./request";
import { type Claim, type ClaimOutcome, SentLedger } from "./sent-ledger";
import { createSmtpSender, type SmtpSender } from "./smtp-sender";
import { startEmailService, type TestEmailService } from "./testing/start-email-service";

const CLAIM_TIMEOUT_MS = 600;

let service: TestEmailService;
let smtp: SmtpSender;
beforeAll(async () => {
  service = await startEmailService();
  smtp = createSmtpSender({
    url: `smtp://127.0.0.1:${service.smtpPort}`,
    requireTls: false,
    poolSize: 2,
    timeoutMs: 5_000,
    answerTimeoutMs: 5_000,
    from: { name: "mcsv", address: "no-reply@mcsv.example" },
  });
});
afterAll(async () => {
  smtp.close();
  await service.stop();
});

/** A ledger whose claims go out, and whose answers come back, when the test lets them; and whose renewals are lost. */
class SlowLedger extends SentLedger {
  beforeClaim: () => Promise<void> = () => Promise.resolve();
  afterClaim: () => Promise<void> = () => Promise.resolve();
  beforeRecord: () => Promise<void> = () => Promise.resolve();

  constructor(pool: Pool) {
    super(pool, CLAIM_TIMEOUT_MS, "mcsv.example");
  }

  override async claim(mail: OrderedMail): Promise<ClaimOutcome> {
    await this.beforeClaim();
    const outcome = await super.claim(mail);
    await this.afterClaim();
    return outcome;
  }

  override renew(_: Claim): Promise<void> {
    return Promise.resolve();
  }

  override async recordDelivery(jobId: string, deliveredAt: Date) {
    await this.beforeRecord();
    return await super.recordDelivery(jobId, deliveredAt);
  }
}

function deliverOnceWith(ledger: SentLedger): DeliverOnce {
  const { logger } = recordLog();
  const metrics = new MailMetrics(createNoopMeter());
  return new DeliverOnce({ ledger, smtp, render: createMailRenderer(), logger, metrics });
}

function welcomeMail(): OrderedMail {
  return {
    jobId: randomUUID(),
    contentHash: Buffer.from("the same"),
    recipient: { name: "Ada", address: "ada@example.com" },
    content: { template: EmailTemplate.WELCOME },
  };
}

const signal = new AbortController().signal;

async function copiesOf({ jobId }: OrderedMail): Promise<number> {
  return (await service.mails()).filter(({ MessageID }) => MessageID === `${jobId}@mcsv.example`).length;
}

async function claimLapsed({ jobId }: OrderedMail): Promise<void> {
  await vi.waitFor(async () => {
    const lapsed = "SELECT FROM sent_ledger WHERE job_id = $1 AND claimed_until <= clock_timestamp()";
    expect((await service.pool.query(lapsed, [jobId])).rowCount).toBe(1);
  }, 10_000);
}

/** Ends the connection on which `work` has a statement under way. */
async function breakConnection(work: () => Promise<unknown>): Promise<void> {
  const locker = await service.pool.connect();
  try {
    await locker.query("BEGIN; LOCK TABLE sent_ledger");
    const broken = work();
    await vi.waitFor(async () => {
      const ended = await locker.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      expect(ended.rowCount).toBe(1);
    }, 10_000);
    await broken;
    await locker.query("ROLLBACK");
  } finally {
    locker.release();
  }
}

it("sends nothing under a claim that had lapsed when its holder learned of it: another has sent meanwhile", async () => {
  const mail = welcomeMail();
  const slow = new SlowLedger(service.pool);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  slow.afterClaim = () => answered;
  const late = deliverOnceWith(slow).deliver(mail, signal);
  await claimLapsed(mail);
  const delivery = await deliverOnceWith(new SlowLedger(service.pool)).deliver(mail, signal);
  answer();
  expect(await late).toEqual(delivery);
  expect(await copiesOf(mail)).toBe(1);
});

it("does not take a claim over that nobody could renew: after an outage its holder gets the time to show that it lives", async () => {
  const mail = welcomeMail();
  const [holding, waiting] = [new SlowLedger(service.pool), new SlowLedger(service.pool)];
  const { promise: recorded, resolve: record } = Promise.withResolvers<void>();
  holding.beforeRecord = () => recorded;
  const first = deliverOnceWith(holding).deliver(mail, signal);
  await vi.waitFor(async () => expect(await copiesOf(mail)).toBe(1), 10_000);

  await claimLapsed(mail);
  const other = deliverOnceWith(waiting);
  await breakConnection(() => expect(other.deliver(mail, signal)).rejects.toThrow("terminating connection"));
  const looked = vi.spyOn(waiting, "afterClaim");
  const later = other.deliver(mail, signal);
  await vi.waitFor(() => expect(looked).toHaveBeenCalled(), 10_000);
  record();
  expect(await later).toEqual(await first);
  expect(await copiesOf(mail)).toBe(1);
});

it("takes a claim at once that was given back, whatever it knows of the time before", async () => {
  const mail = welcomeMail();
  const deliverOnce = () => deliverOnceWith(new SentLedger(service.pool, 600_000, "mcsv.example"));
  service.hook = ({ stage }) => (stage === "recipient" ? { code: 450, message: "not now" } : undefined);
  await expect(deliverOnce().deliver(mail, signal)).rejects.toMatchObject({ smtpCode: 450 });
  service.hook = undefined;
  await deliverOnce().deliver(mail, signal);
  expect(await copiesOf(mail)).toBe(1);
});

it("sends nothing under a claim that came when the process was still recording the same mail as sent", async () => {
  const mail = welcomeMail();
  const slow = new SlowLedger(service.pool);
  const deliverOnce = deliverOnceWith(slow);
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  slow.beforeClaim = () => asked;
  const late = deliverOnce.deliver(mail, signal);
  slow.beforeClaim = () => Promise.resolve();
  const { promise: recorded, resolve: record } = Promise.withResolvers<void>();
  slow.beforeRecord = () => recorded;
  const first = deliverOnce.deliver(mail, signal);
  await vi.waitFor(async () => expect(await copiesOf(mail)).toBe(1), 10_000);
  await claimLapsed(mail);
  const claimed = vi.spyOn(slow, "afterClaim");
  ask();
  await vi.waitFor(() => expect(claimed).toHaveBeenCalled(), 10_000);
  record();
  expect(await late).toEqual(await first);
  expect(await copiesOf(mail)).toBe(1);
});
