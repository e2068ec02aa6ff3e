import { describe, expect, it } from "vitest";
import type { StoredSpan } from "./stored-span";
import { TraceStore } from "./trace-store";

function span(traceId: string, spanId: string, overrides: Partial<StoredSpan> = {}): StoredSpan {
  return {
    traceId,
    spanId,
    name: "work",
    kind: "internal",
    startTime: 1_000,
    duration: 10,
    references: [],
    tags: [],
    logs: [],
    process: { serviceName: "sample", tags: [] },
    ...overrides,
  };
}

describe("TraceStore", () => {
  it("keeps no more spans than it may, whole traces at a time, the newest", () => {
    const store = new TraceStore({ maxTraces: 100, maxSpans: 30 });
    for (let trace = 0; trace < 20; trace += 1) {
      store.add(["a", "b", "c"].map((id) => span(`t${trace}`, id)));
    }
    const kept = store.recent(100);
    expect(kept.map(({ spans }) => spans)).toEqual(Array.from({ length: 10 }, () => 3));
    expect(store.get("t19")?.spans).toHaveLength(3);
    expect(store.get("t9")).toBeUndefined();
  });

  it("holds one trace that never ends to its share, and says so", () => {
    const store = new TraceStore({ maxTraces: 100, maxSpans: 50 });
    store.add([span("other", "a")]);
    store.add(Array.from({ length: 500 }, (_, n) => span("endless", String(n))));
    expect(store.get("endless")?.spans).toHaveLength(5);
    expect(store.get("endless")?.warnings).toEqual([expect.stringContaining("495 more spans")]);
    expect(store.get("other")?.warnings).toBeNull();
  });

  it("keeps a span once that is sent twice, as it was last", () => {
    const store = new TraceStore({ maxTraces: 10, maxSpans: 20 });
    for (let time = 0; time < 100; time += 1) {
      store.add([span("t", "a", { name: `try ${time}` })]);
    }
    expect(store.get("t")?.spans.map(({ operationName }) => operationName)).toEqual(["try 99"]);
  });

  it("names each process of a trace once", () => {
    const store = new TraceStore({ maxTraces: 10, maxSpans: 100 });
    const process = () => ({ serviceName: "user", tags: [{ key: "pid", type: "int64" as const, value: 1 }] });
    store.add([span("t", "a", { process: process() }), span("t", "b", { process: process() }), span("t", "c")]);
    const trace = store.get("t");
    expect(trace?.spans.map(({ processID }) => processID)).toEqual(["p1", "p1", "p2"]);
    expect(Object.keys(trace?.processes ?? {})).toEqual(["p1", "p2"]);
  });

  it("sums a trace up by its first root, from the first start to the last end", () => {
    const store = new TraceStore({ maxTraces: 10, maxSpans: 100 });
    const child = { refType: "CHILD_OF" as const, traceID: "t", spanID: "a" };
    store.add([
      span("t", "b", {
        startTime: 1_500,
        duration: 900,
        references: [child],
        process: { serviceName: "job", tags: [] },
      }),
      span("t", "a", { name: "CreateUser", tags: [{ key: "error", type: "bool", value: true }] }),
    ]);
    expect(store.recent(1)).toEqual([
      {
        traceId: "t",
        root: { service: "sample", operation: "CreateUser" },
        startTime: 1_000,
        duration: 1_400,
        spans: 2,
        errors: 1,
        services: ["job", "sample"],
      },
    ]);
    expect(store.recent(1, "job")).toHaveLength(1);
    expect(store.recent(1, "image")).toEqual([]);
  });
});
