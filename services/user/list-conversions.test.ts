import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConversionStatus, ListConversionsRequest } from "../../gen/twirp/mcsv/v1/user";
import { startUserService, type TestUserService } from "./testing/start-user-service";

describe("ListConversions", () => {
  let service: TestUserService;
  beforeAll(async () => {
    service = await startUserService({ withoutRelays: true });
  });
  afterAll(() => service.stop());

  const newUserId = async () => {
    const id = randomUUID();
    const { user } = await service.application.CreateUser({
      idempotencyKey: id,
      email: `${id}@example.com`,
      name: "Ada",
    });
    return user?.id ?? "";
  };
  /** Stores conversions of given ages, straight in the table: calls cannot have the same millisecond at will. */
  const store = async (userId: string, ages: readonly number[], status = "pending") => {
    const ids = ages.map(() => randomUUID());
    await service.pool.query(
      `INSERT INTO conversions (id, user_id, content_hash, job_id, file_name, options, source_key, source_format,
         source_bytes, created_at, status, ended_at, failure_code)
       SELECT id, $1, '', id, 'a.png', '{}', 'k', 'png', 1, timestamptz '2026-01-01Z' - age * interval '1 millisecond',
         $4, CASE WHEN $4 = 'failed' THEN now() END, CASE WHEN $4 = 'failed' THEN 'unavailable' END
       FROM unnest($2::uuid[], $3::int[]) AS t (id, age)`,
      [userId, ids, ages, status],
    );
    return ids;
  };
  const list = ({ userId = "", ...request }: Partial<ListConversionsRequest>) =>
    service.as(userId).ListConversions(ListConversionsRequest.create(request));
  const readAll = async (request: Partial<ListConversionsRequest>, between: () => Promise<unknown> = async () => 0) => {
    const pages: string[][] = [];
    let pageToken = "";
    do {
      const page = await list({ ...request, pageToken });
      pages.push(page.conversions.map(({ id }) => id));
      pageToken = page.nextPageToken;
      await between();
    } while (pageToken !== "");
    return pages;
  };

  it("gives every conversion exactly once, newest first, whatever their times and the size of the pages", async () => {
    const ages = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(ages, fc.integer({ min: 1, max: 5 }), async (given, pageSize) => {
        const userId = await newUserId();
        const ids = await store(userId, given);
        const pages = await readAll({ userId, pageSize });
        const byTimeAndId = ids
          .map((id, index) => ({ id, age: given[index] ?? 0 }))
          .sort((a, b) => a.age - b.age || (a.id < b.id ? 1 : -1));
        expect(pages.flat()).toEqual(byTimeAndId.map(({ id }) => id));
        expect(pages.slice(0, -1).every((page) => page.length === pageSize)).toBe(true);
        expect(pages).toHaveLength(Math.max(1, Math.ceil(ids.length / pageSize)));
      }),
      { numRuns: 25 },
    );
  });

  it("repeats and skips nothing when conversions arrive between two pages", async () => {
    const userId = await newUserId();
    const ids = await store(userId, [10, 11, 12, 13, 14, 15, 16]);
    let younger = 9;
    const pages = await readAll({ userId, pageSize: 2 }, () => store(userId, [younger--]));
    expect(pages.flat()).toEqual(ids);
  });

  it("keeps to a status, over pages too", async () => {
    const userId = await newUserId();
    const pending = await store(userId, [1, 3, 5]);
    const failed = await store(userId, [2, 4, 6], "failed");
    expect((await readAll({ userId, pageSize: 2, status: ConversionStatus.PENDING })).flat()).toEqual(pending);
    expect((await readAll({ userId, pageSize: 2, status: ConversionStatus.FAILED })).flat()).toEqual(failed);
    expect((await readAll({ userId, status: ConversionStatus.COMPLETED })).flat()).toEqual([]);
  });

  it("gives 50 unless asked for another number", async () => {
    const userId = await newUserId();
    await store(
      userId,
      Array.from({ length: 51 }, (_, index) => index),
    );
    const page = await list({ userId });
    expect(page.conversions).toHaveLength(50);
    expect(page.nextPageToken).not.toBe("");
  });

  it("gives one user nothing of another, and answers not_found for nobody", async () => {
    const userId = await newUserId();
    await store(await newUserId(), [1]);
    expect(await list({ userId })).toEqual({ conversions: [], nextPageToken: "" });
    await expect(list({ userId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
  });

  it("leaves URLs out", async () => {
    const userId = await newUserId();
    const [id] = await store(userId, [1]);
    await service.pool.query(
      "UPDATE conversions SET status = 'completed', ended_at = now(), pdf = '{}' WHERE id = $1",
      [id],
    );
    const { conversions } = await list({ userId });
    expect(conversions).toMatchObject([{ id, status: ConversionStatus.COMPLETED, pdfUrl: "" }]);
  });
});
