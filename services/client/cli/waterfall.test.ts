import { describe, expect, it } from "vitest";
import type { JaegerTrace } from "./jaeger";
import { renderWaterfall, summarizeTrace } from "./waterfall";

function span(
  id: string,
  parent: string | undefined,
  service: string,
  startMs: number,
  durationMs: number,
  error = false,
) {
  return {
    spanID: id,
    operationName: `op-${id}`,
    references: parent === undefined ? [] : [{ refType: "CHILD_OF", spanID: parent }],
    startTime: 1_000_000 + startMs * 1000,
    duration: durationMs * 1000,
    processID: service,
    tags: error ? [{ key: "error", value: true }] : [],
  };
}

function traceOf(...spans: JaegerTrace["spans"]): JaegerTrace {
  const processes = Object.fromEntries(spans.map(({ processID }) => [processID, { serviceName: processID }]));
  return { traceID: "a".repeat(32), spans, processes };
}

const trace = traceOf(
  span("c", "b", "email", 60, 30, true),
  span("a", undefined, "user", 0, 100),
  span("b", "a", "job", 50, 50),
  span("d", "a", "user", 10, 20),
);

describe("summarizeTrace", () => {
  it("counts spans and errors and lists the services in order of their first span", () => {
    expect(summarizeTrace(trace)).toEqual({
      traceId: "a".repeat(32),
      spans: 4,
      services: ["user", "job", "email"],
      roots: 1,
      durationMs: 100,
      errors: 1,
    });
  });
});

describe("a span that is linked to its parent", () => {
  it("is below it, although Jaeger tells the link alone; what is in other traces is no parent", () => {
    const references = ["elsewhere", "a"].map((spanID) => ({ refType: "FOLLOWS_FROM", spanID }));
    const linked = traceOf(span("a", undefined, "user", 0, 100), { ...span("s", undefined, "job", 50, 1), references });
    expect(summarizeTrace(linked).roots).toBe(1);
  });
});

describe("renderWaterfall", () => {
  const lines = renderWaterfall(trace, { columns: 90, colour: false }).split("\n").slice(2);

  it("puts children below their parent, in order of time", () => {
    expect(lines.map((line) => line.replace(/\s+█.*$/, ""))).toEqual([
      "user: op-a",
      " user: op-d",
      " job: op-b",
      "  email: op-c",
    ]);
  });

  it("draws each bar where the span was in time", () => {
    const bars = lines.map((line) => ({ from: line.indexOf("█"), length: line.split("█").length - 1 }));
    const [whole, early, late] = bars;
    expect(whole?.length).toBe(30);
    expect(early?.length).toBe(6);
    expect((late?.from ?? 0) - (whole?.from ?? 0)).toBe(14);
    expect(late?.length).toBe(15);
  });

  it("marks a span with an error", () => {
    expect(lines.filter((line) => line.endsWith("!"))).toEqual([expect.stringContaining("op-c")]);
  });

  it("shows a span whose parent has not arrived as a root", () => {
    const orphaned = renderWaterfall(traceOf(span("x", "lost", "job", 0, 1)), { columns: 90, colour: false });
    expect(orphaned).toContain("\njob: op-x");
  });

  it("draws a trace that is one deep chain of 10,000 spans", () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => span(`${i}`, i === 0 ? undefined : `${i - 1}`, "job", i, 1));
    expect(renderWaterfall(traceOf(...chain), { columns: 90, colour: false }).split("\n")).toHaveLength(10_002);
  });
});
