import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { recordLog } from "../../../tests/support/record-log";
import { getConversion } from "../conversions";
import { inlineImageKey, pdfKey, uploadKey } from "../object-keys";
import { createPdfUrls } from "../pdf-urls";
import { startUserService, type TestUserService } from "../testing/start-user-service";
import { type CleanUpOptions, cleanUp } from "./clean-up";

const DAY_MS = 86_400_000;
const SHA256 = "a".repeat(64);

describe("the clean-up of the user service", () => {
  let service: TestUserService;
  let userId: string;
  const { logger, lines } = recordLog();
  beforeAll(async () => {
    service = await startUserService({ withoutRelays: true });
  });
  afterEach(async () => {
    await service.pool.query("TRUNCATE users CASCADE");
    for (const key of await keys()) {
      await service.objectStore.delete(key);
    }
  });
  afterAll(() => service.stop());

  const keys = async () => {
    const found: string[] = [];
    for await (const { key } of service.objectStore.list("")) {
      found.push(key);
    }
    return found.sort();
  };
  const store = async (key: string) => {
    await service.objectStore.putBytes(key, Buffer.from(key), { contentType: "image/png" });
    return key;
  };
  const run = async (over: Partial<CleanUpOptions> = {}) => {
    const { pool, objectStore } = service;
    const retention = { sourceMs: 14 * DAY_MS, pdfMs: 30 * DAY_MS };
    const options = { pool, objectStore, retention, orphanGraceMs: 0, mailOutcomeMs: 90 * DAY_MS, logger, ...over };
    await cleanUp(options, new AbortController().signal);
  };

  async function user(): Promise<string> {
    userId = randomUUID();
    await service.pool.query(
      "INSERT INTO users (id, content_hash, email, name, welcome_job_id) VALUES ($1, '', $2, 'Ada', $1)",
      [userId, `${userId}@example.com`],
    );
    return userId;
  }
  /** An upload of so many days ago, with its object. */
  async function upload(ageDays: number): Promise<string> {
    const id = randomUUID();
    await service.pool.query(
      `INSERT INTO uploads (id, user_id, content_hash, format, size_bytes, created_at)
       VALUES ($1, $2, '', 'png', 1, now() - $3 * interval '1 day')`,
      [id, userId, ageDays],
    );
    return await store(uploadKey(id));
  }
  /** A conversion of an image, ended so many days ago or pending, with its PDF when it is completed. */
  async function conversion(status: "pending" | "completed" | "failed", endedDaysAgo: number, sourceKey?: string) {
    const [id, jobId] = [randomUUID(), randomUUID()];
    const source = sourceKey ?? (await store(inlineImageKey(id, SHA256)));
    await service.pool.query(
      `INSERT INTO conversions (id, user_id, content_hash, job_id, file_name, options, source_key, source_format,
                                source_bytes, status, pdf, failure_code, created_at, ended_at)
       VALUES ($1, $2, '', $3, 'a.png', '{}', $4, 'png', 1, $5::text, CASE $5::text WHEN 'completed' THEN '{}'::jsonb END,
               CASE $5::text WHEN 'failed' THEN 'internal' END, now() - interval '99 days',
               CASE $5::text WHEN 'pending' THEN NULL ELSE now() - $6 * interval '1 day' END)`,
      [id, userId, jobId, source, status, endedDaysAgo],
    );
    return { id, source, pdf: status === "completed" ? await store(pdfKey(jobId)) : pdfKey(jobId) };
  }

  it("removes uploads and inline images whose time is over, and keeps those that a conversion may still need", async () => {
    await user();
    const [old, young] = [await upload(15), await upload(13)];
    const pendingUpload = await upload(15);
    await conversion("pending", 0, pendingUpload);
    const retryableUpload = await upload(99);
    await conversion("failed", 13, retryableUpload);
    const doneUpload = await upload(99);
    await conversion("failed", 15, doneUpload);
    const inline = [await conversion("failed", 15), await conversion("failed", 13), await conversion("pending", 0)];
    await run();
    expect(await keys()).toEqual([young, pendingUpload, retryableUpload, inline[1]?.source, inline[2]?.source].sort());
    expect(await keys()).not.toContain(old);
    const { rows } = await service.pool.query("SELECT id FROM uploads");
    expect(rows).toHaveLength(3);
    await run();
    expect(await keys()).toHaveLength(5);
  });

  it("removes PDFs whose time is over, and answers no URL of them any more", async () => {
    await user();
    const [old, young] = [await conversion("completed", 31), await conversion("completed", 29)];
    await run();
    expect((await keys()).filter((key) => key.startsWith("pdf/"))).toEqual([young.pdf]);
    const { pool, objectStore } = service;
    const urls = createPdfUrls({ objectStore, ttlSeconds: 60, mailTtlSeconds: 60 });
    expect(await urls.forCaller(await getConversion(pool, old.id))).toBeUndefined();
    expect((await urls.forCaller(await getConversion(pool, young.id)))?.url).toContain(young.pdf);
  });

  it("removes orphans of every kind, and leaves alone what is too young, is needed, or has another kind of key", async () => {
    await user();
    const needed = [await upload(1), (await conversion("pending", 0)).source];
    const done = await conversion("completed", 1);
    needed.push(done.source, done.pdf);
    // Its callback is still to come: the PDF is there before the row says so.
    needed.push(await store((await conversion("pending", 0, needed[0])).pdf));
    const strange = [
      "uploads/README",
      "pdf/readme.pdf",
      "images/other",
      "backups/uploads/1",
      `pdf/${randomUUID()}.txt`,
    ];
    for (const key of strange) {
      await store(key);
    }
    const cancelled = await store((await conversion("failed", 31, needed[0])).pdf);
    const orphans = [
      await store(uploadKey(randomUUID())),
      await store(inlineImageKey(randomUUID(), SHA256)),
      await store(pdfKey(randomUUID())),
      // What a rival under the same idempotency key left: the row names another image.
      await store((done.source ?? "").replace(SHA256, "b".repeat(64))),
      cancelled,
    ];
    await run({ orphanGraceMs: 3_600_000 });
    expect(await keys()).toEqual(expect.arrayContaining(orphans));
    await run();
    expect(await keys()).toEqual([...needed, ...strange].sort());
  });

  it("removes the object of a row that a crash has marked before it was removed", async () => {
    await user();
    const { id } = await conversion("completed", 1);
    await service.pool.query("UPDATE conversions SET pdf_removed_at = now(), source_removed_at = now() WHERE id = $1", [
      id,
    ]);
    await run();
    expect(await keys()).toEqual([]);
  });

  it("forgets mails that were reported long ago", async () => {
    await user();
    const insert = (days: number) =>
      service.pool.query(
        "INSERT INTO mail_outcomes (job_id, user_id, delivered, created_at) VALUES ($1, $2, true, now() - $3 * interval '1 day')",
        [randomUUID(), userId, days],
      );
    await insert(91);
    await insert(89);
    await run();
    expect((await service.pool.query("SELECT FROM mail_outcomes")).rowCount).toBe(1);
    expect(lines.at(-1)).toContain('"mail_outcomes":1');
  });
});
