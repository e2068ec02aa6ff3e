import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pruneLedger } from "./prune-ledger";
import { startEmailService, type TestEmailService } from "./testing/start-email-service";

let service: TestEmailService;
beforeAll(async () => {
  service = await startEmailService();
});
afterAll(() => service.stop());

it("forgets mails of long ago that were sent or given up, and none that is young or being sent", async () => {
  const insert = async (days: number, deliveredDaysAgo: number | null, claimedForMinutes: number) => {
    const id = randomUUID();
    await service.pool.query(
      `INSERT INTO sent_ledger
         (job_id, content_hash, message_id, template, recipient_address, claim_id, claimed_until, created_at, delivered_at)
       VALUES ($1, '', 'm', 'welcome', 'ada@example.com', $1, now() + $4 * interval '1 minute',
               now() - $2 * interval '1 day', now() - $3 * interval '1 day')`,
      [id, days, deliveredDaysAgo, claimedForMinutes],
    );
    return id;
  };
  await insert(91, 91, -1);
  await insert(91, null, -1);
  const kept = [await insert(89, 89, -1), await insert(91, null, 5), await insert(0, null, -1)];
  const client = await service.pool.connect();
  try {
    expect(await pruneLedger(client, 90 * 86_400_000, new AbortController().signal)).toBe(2);
  } finally {
    client.release();
  }
  const { rows } = await service.pool.query<{ job_id: string }>("SELECT job_id FROM sent_ledger");
  expect(rows.map(({ job_id }) => job_id).sort()).toEqual(kept.sort());
});
