import { randomUUID } from "node:crypto";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { recordSpans } from "../../../tests/support/record-spans";
import { withSpan } from "../telemetry/with-span";
import { blame, unavailable } from "../twirp/errors";
import { enqueue } from "./enqueue";
import { startQueues, type TestQueues, testQueue } from "./testing/start-queues";
import { work } from "./work";

describe("traces through queues", () => {
  const { spans, stop } = recordSpans();
  let queues: TestQueues;
  beforeAll(async () => {
    queues = await startQueues([
      testQueue("q"),
      testQueue("next"),
      testQueue("failing", { retryLimit: 0 }),
      testQueue("batch"),
    ]);
  });
  afterEach(() => queues.stopWorkers());
  afterAll(async () => {
    await queues.stop();
    await stop();
  });

  it("are one from the caller over every attempt to the job that follows", async () => {
    const { boss, logger } = queues;
    const id = randomUUID();
    await withSpan("caller", {}, () => enqueue(boss, "q", { id, data: {} }));
    const inside: (string | undefined)[] = [];
    const handle = ({ attempt }: { attempt: number }) => {
      inside.push(trace.getActiveSpan()?.spanContext().spanId);
      return attempt === 1 ? Promise.reject(new Error("not yet")) : Promise.resolve();
    };
    const followUp = { queue: "next", id: randomUUID(), data: {} };
    queues.track(await work(boss, { queue: "q", concurrency: 1, logger, handle, onCompleted: () => [followUp] }));
    queues.track(await work(boss, { queue: "next", concurrency: 1, logger, handle: () => Promise.resolve() }));
    const named = (name: string) => spans.filter((span) => span.name === name);
    await expect.poll(() => named("process next"), { timeout: 10_000 }).toHaveLength(1);

    const [caller] = named("caller");
    const [producer] = named("send q");
    const [first, second] = named("process q");
    const [followProducer] = named("send next");
    const [follow] = named("process next");
    for (const span of [producer, first, second, followProducer, follow]) {
      expect(span?.spanContext().traceId).toBe(caller?.spanContext().traceId);
    }
    const parentOf = (span: typeof caller) => span?.parentSpanContext?.spanId;
    expect(parentOf(producer)).toBe(caller?.spanContext().spanId);
    expect([parentOf(first), parentOf(second)]).toEqual(Array(2).fill(producer?.spanContext().spanId));
    expect(parentOf(followProducer)).toBe(second?.spanContext().spanId);
    expect(parentOf(follow)).toBe(followProducer?.spanContext().spanId);
    expect([producer?.kind, first?.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    // Each attempt waited before, beside it: the second for its time to come as well.
    const waits = named("wait q");
    expect(waits.map(parentOf)).toEqual(Array(2).fill(producer?.spanContext().spanId));
    expect(waits.map(({ attributes }) => attributes["mcsv.job.attempt"])).toEqual([1, 2]);
    expect([first?.status.code, second?.status.code]).toEqual([SpanStatusCode.ERROR, SpanStatusCode.UNSET]);
    expect(first?.attributes).toMatchObject({
      "messaging.system": "pg-boss",
      "messaging.destination.name": "q",
      "messaging.message.id": id,
      "mcsv.job.attempt": 1,
    });
    expect(inside).toEqual([first?.spanContext().spanId, second?.spanContext().spanId]);
  });

  it("tell what failed an attempt as the log does, without credentials", async () => {
    const { boss, logger, lines } = queues;
    const id = randomUUID();
    const handle = () => {
      const cause = new Error("GET http://store/a.png?X-Amz-Signature=0123 failed");
      return Promise.reject(blame(unavailable("no image", cause), "object_store_timeout"));
    };
    await withSpan("caller", {}, () => enqueue(boss, "failing", { id, data: { userId: "u-1" } }));
    queues.track(
      await work<{ userId: string }>(boss, {
        queue: "failing",
        concurrency: 1,
        logger,
        handle,
        subjectOf: ({ data: { userId } }) => ({ userId }),
      }),
    );
    const attempts = () => spans.filter((span) => span.name === "process failing");
    await expect.poll(attempts, { timeout: 10_000 }).toHaveLength(1);
    const [attempt] = attempts();
    expect(attempt?.attributes).toMatchObject({
      "error.type": "object_store_timeout",
      "mcsv.job.id": id,
      "mcsv.user.id": "u-1",
    });
    expect(attempt?.events).toEqual([
      expect.objectContaining({
        name: "exception",
        attributes: expect.objectContaining({
          "exception.type": "Error",
          "exception.message": "GET http://store/a.png?[redacted] failed",
          "exception.stacktrace": expect.stringContaining("trace.test.ts"),
        }),
      }),
    ]);
    expect(JSON.stringify(attempt?.events)).not.toContain("0123");
    const failed = lines.map((line) => JSON.parse(line)).find((line) => line.job_id === id);
    expect(failed).toMatchObject({ message: "job failed for good", user_id: "u-1", cause: "object_store_timeout" });
  });

  it("lead from each attempt of a batch to the transaction that recorded its end, and back", async () => {
    const { boss, logger, lines } = queues;
    const ids = Array.from({ length: 5 }, () => randomUUID());
    for (const id of ids) {
      await withSpan("caller", {}, () => enqueue(boss, "batch", { id, data: {} }));
    }
    // All end at the same moment, when the last has begun.
    const { promise: allBegan, resolve } = Promise.withResolvers<void>();
    let begun = 0;
    const handle = () => {
      begun++;
      if (begun === ids.length) {
        resolve();
      }
      return allBegan;
    };
    queues.track(await work(boss, { queue: "batch", concurrency: 16, logger, handle }));
    const settled = () => spans.filter((span) => span.name === "settle batch");
    const counted = () =>
      settled().reduce((sum, { attributes }) => sum + Number(attributes["messaging.batch.message_count"]), 0);
    await expect.poll(counted, { timeout: 10_000 }).toBe(ids.length);
    const attempts = spans.filter((span) => span.name === "process batch").map((span) => span.spanContext().spanId);
    const linked = settled().flatMap(({ links }) => links.map(({ context }) => context.spanId));
    expect(linked.sort()).toEqual(attempts.sort());
    for (const { parentSpanContext, links, kind } of settled()) {
      expect(parentSpanContext?.spanId).toBe(links[0]?.context.spanId);
      expect(kind).toBe(SpanKind.CLIENT);
    }
    const completed = lines.map((line) => JSON.parse(line)).filter(({ message }) => message === "job completed");
    expect(completed.map(({ job_id: id }) => id)).toEqual(expect.arrayContaining(ids));
  });
});
