import { randomUUID } from "node:crypto";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { recordSpans } from "../../../tests/support/record-spans";
import { withSpan } from "../telemetry/with-span";
import { enqueue } from "./enqueue";
import { startQueues, type TestQueues, testQueue } from "./testing/start-queues";
import { work } from "./work";

describe("traces through queues", () => {
  const { spans, stop } = recordSpans();
  let queues: TestQueues;
  beforeAll(async () => {
    queues = await startQueues([testQueue("q"), testQueue("next")]);
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
    expect([first?.status.code, second?.status.code]).toEqual([SpanStatusCode.ERROR, SpanStatusCode.UNSET]);
    expect(first?.attributes).toMatchObject({
      "messaging.system": "pg-boss",
      "messaging.destination.name": "q",
      "messaging.message.id": id,
      "mcsv.job.attempt": 1,
    });
    expect(inside).toEqual([first?.spanContext().spanId, second?.spanContext().spanId]);
  });
});
