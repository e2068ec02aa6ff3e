import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Timestamp } from "../../../gen/twirp/google/protobuf/timestamp";
import { JobEventFilter, JobEventType } from "../../../gen/twirp/mcsv/v1/job";
import { startJobService, type TestJobService } from "../testing/start-job-service";
import { explainSearch } from "./testing/explain-search";
import { type EventMix, fillHistory } from "./testing/fill-history";

const EVENTS = 40_000;
const DAYS = 4;

describe("SearchJobEvents among many events", () => {
  let service: TestJobService;
  let mix: EventMix;
  beforeAll(async () => {
    service = await startJobService({ work: false });
    mix = await fillHistory(service.boss.database.pool, EVENTS, DAYS);
  }, 60_000);
  afterAll(() => service.stop());

  const search = (filter: Partial<JobEventFilter>, pageSize = 1_000, pageToken = "") =>
    service.client.SearchJobEvents({ filter: JobEventFilter.create(filter), pageSize, pageToken });
  const ago = (days: number) => Timestamp.fromDate(new Date(Date.now() - days * 86_400_000));

  it("finds by type, queue, error class and code, text, attempt, actor, user and time, and by all of them together", async () => {
    const filters: Partial<JobEventFilter>[] = [
      { types: [JobEventType.CANCELLED] },
      { types: [JobEventType.FAILED, JobEventType.EXPIRED], queue: "image-conversion" },
      { errorClass: mix.rareClass },
      { errorClass: "unavailable" },
      { errorText: "NOT Answer" },
      { attempt: 7 },
      { actor: mix.rareActor },
      { userId: mix.userId.toUpperCase() },
      { since: ago(2), until: ago(1) },
      { types: [JobEventType.CANCELLED], actor: mix.rareActor, withinSeconds: 3 * 86_400 },
      {
        types: [JobEventType.FAILED],
        queue: "image-conversion",
        errorClass: "object_store_timeout",
        errorText: "answer",
        attempt: 1,
        since: ago(2),
      },
    ];
    for (const filter of filters) {
      const { events } = await search(filter);
      const asked = JSON.stringify(JobEventFilter.toJson(JobEventFilter.create(filter)));
      expect(events.length, asked).toBeGreaterThan(0);
      for (const event of events) {
        expect(event).toSatisfy((one: typeof event) => selects(JobEventFilter.create(filter), one), asked);
      }
    }
  });

  it("takes signs of patterns in a text as they are", async () => {
    expect((await search({ errorText: "100%_" })).events).toEqual([]);
    expect((await search({ errorText: mix.oddText })).events.map(({ failure }) => failure?.message)).toEqual([
      mix.oddText,
    ]);
  });

  it("pages through everything, newest first, each event once", async () => {
    const seen: bigint[] = [];
    let last = Number.POSITIVE_INFINITY;
    let pageToken = "";
    do {
      const page = await search({ queue: "callback" }, 700, pageToken);
      for (const { id, at } of page.events) {
        const time = Timestamp.toDate(at ?? Timestamp.create()).getTime();
        expect(time).toBeLessThanOrEqual(last);
        last = time;
        seen.push(id);
      }
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    const { rows } = await service.boss.database.pool.query(
      "SELECT count(*)::int AS n FROM job_events WHERE queue = 'callback'",
    );
    expect(new Set(seen).size).toBe(rows[0].n);
    expect(seen).toHaveLength(rows[0].n);
  });

  it("refuses a page token of somebody else's, and an unspecified type", async () => {
    await expect(search({}, 10, "bm9wZQ")).rejects.toMatchObject({ meta: { argument: "page_token" } });
    await expect(search({ types: [JobEventType.UNSPECIFIED] })).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(search({ errorText: "ab" })).rejects.toMatchObject({ meta: { argument: "filter.error_text" } });
  });

  it.each([
    ["everything", {}],
    ["a type", { types: ["cancelled"] }],
    ["a queue", { queue: "email-dead" }],
    ["a rare error class", { errorClass: "smtp_login_refused" }],
    ["an error text", { errorText: "quota exceeded" }],
    ["an attempt", { attempt: 7 }],
    ["a user's deeds", { types: ["cancelled"], actor: "user:3fd6b5a8-54c5-4a5e-8a6b-1d2f6f3c9a01" }],
    ["a user's jobs", { userId: "3fd6b5a8-54c5-4a5e-8a6b-1d2f6f3c9a01" }],
    ["a job", { jobId: randomUUID() }],
  ] as const)("reads %s along an index, and no table whole", async (_what, filter) => {
    const plan = await explainSearch(service.boss.database.pool, filter);
    expect(plan.rowsScanned).toBe(0);
    expect(plan.rowsRead).toBeLessThan(EVENTS / 40);
    expect(plan.totalMs).toBeLessThan(100);
  });

  function selects(filter: JobEventFilter, event: Awaited<ReturnType<typeof search>>["events"][number]): boolean {
    const at = Timestamp.toDate(event.at ?? Timestamp.create());
    return (
      (filter.types.length === 0 || filter.types.includes(event.type)) &&
      (filter.queue === "" || filter.queue === event.queue) &&
      (filter.errorClass === "" || [event.errorClass, event.failure?.code].includes(filter.errorClass)) &&
      (filter.errorText === "" ||
        (event.failure?.message ?? "").toLowerCase().includes(filter.errorText.toLowerCase())) &&
      (filter.attempt === 0 || filter.attempt === event.attempt) &&
      (filter.actor === "" || filter.actor === event.actor) &&
      (filter.userId === "" || filter.userId.toLowerCase() === event.userId) &&
      (filter.since === undefined || at >= Timestamp.toDate(filter.since)) &&
      (filter.until === undefined || at < Timestamp.toDate(filter.until))
    );
  }
});
