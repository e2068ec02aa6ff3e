import { describe, expect, it } from "vitest";
import type { JaegerSpan, JaegerTrace } from "./jaeger-model";
import { layOut } from "./waterfall";

function trace(...spans: [id: string, parent: string | undefined, startTime: number, duration: number][]): JaegerTrace {
  return {
    traceID: "t",
    processes: { p1: { serviceName: "sample", tags: [] } },
    warnings: null,
    spans: spans.map(
      ([spanID, parent, startTime, duration]): JaegerSpan => ({
        traceID: "t",
        spanID,
        operationName: spanID,
        references: parent === undefined ? [] : [{ refType: "CHILD_OF", traceID: "t", spanID: parent }],
        startTime,
        duration,
        tags: [],
        logs: [],
        processID: "p1",
        warnings: null,
      }),
    ),
  };
}

function shape(of: JaegerTrace): [string, number][] {
  return layOut(of).rows.map(({ span, depth }) => [span.spanID, depth]);
}

describe("layOut", () => {
  it("puts children below their parents and siblings in order of their starts", () => {
    const given = trace(
      ["late", "root", 60, 10],
      ["leaf", "early", 20, 5],
      ["root", undefined, 0, 100],
      ["early", "root", 10, 40],
    );
    expect(shape(given)).toEqual([
      ["root", 0],
      ["early", 1],
      ["leaf", 2],
      ["late", 1],
    ]);
  });

  it("places bars by their share of the whole", () => {
    const { duration, rows } = layOut(trace(["a", undefined, 1_000, 400], ["b", "a", 1_100, 200]));
    expect(duration).toBe(400);
    expect(rows.map(({ leftPercent, widthPercent }) => [leftPercent, widthPercent])).toEqual([
      [0, 100],
      [25, 50],
    ]);
  });

  it("begins a tree with a span whose parent has not arrived", () => {
    expect(shape(trace(["orphan", "missing", 5, 1], ["child", "orphan", 6, 1]))).toEqual([
      ["orphan", 0],
      ["child", 1],
    ]);
  });

  it("shows every span once, even such as name each other as parents, and a trace of no length", () => {
    expect(shape(trace(["a", "b", 0, 0], ["b", "a", 0, 0], ["self", "self", 0, 0]))).toEqual([
      ["a", 0],
      ["b", 0],
      ["self", 0],
    ]);
    expect(layOut(trace(["a", undefined, 7, 0])).rows).toMatchObject([{ leftPercent: 0, widthPercent: 0 }]);
  });

  it("takes a chain of many thousand spans", () => {
    const chain = Array.from(
      { length: 20_000 },
      (_, n) => [String(n), n === 0 ? undefined : String(n - 1), n, 1] as const,
    );
    expect(
      layOut(trace(...chain.map((each): [string, string | undefined, number, number] => [...each]))).rows,
    ).toHaveLength(20_000);
  });
});
