import { randomBytes, randomUUID } from "node:crypto";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { SamplingDecision, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";
import { describe, expect, it } from "vitest";
import { createLogSample } from "./trace-sample";

const TRACE_IDS = Array.from({ length: 20_000 }, () => randomBytes(16).toString("hex"));

/** The traces that OpenTelemetry records with OTEL_TRACES_SAMPLER=traceidratio. */
function recordedTraces(ratio: number): string[] {
  const sampler = new TraceIdRatioBasedSampler(ratio);
  const decide = (traceId: string) => sampler.shouldSample(ROOT_CONTEXT, traceId).decision;
  return TRACE_IDS.filter((traceId) => decide(traceId) === SamplingDecision.RECORD_AND_SAMPLED);
}

function keptTraces(ratio: number): string[] {
  return TRACE_IDS.filter(createLogSample(ratio).keepsTrace);
}

describe("createLogSample", () => {
  it.each([
    [0.1, 0.1],
    [0.1, 0.5],
    [0.5, 0.1],
    [0.05, 1],
    [1, 0.05],
  ])("at %d keeps, with spans of %d, one set of traces within the other", (logRatio, spanRatio) => {
    const recorded = new Set(recordedTraces(spanRatio));
    const kept = keptTraces(logRatio);
    expect(kept.filter((traceId) => recorded.has(traceId))).toHaveLength(Math.min(kept.length, recorded.size));
  });

  it("keeps the part that it is told", () => {
    // Six standard deviations of chance either way.
    expect(Math.abs(keptTraces(0.1).length - 2_000)).toBeLessThan(6 * Math.sqrt(20_000 * 0.1 * 0.9));
    expect(keptTraces(0)).toEqual([]);
    expect(keptTraces(1)).toEqual(TRACE_IDS);
  });

  it("keeps that part of the requests too, whatever their ids look like", () => {
    const { keepsRequest } = createLogSample(0.1);
    for (const makeId of [() => randomUUID(), (index: number) => `request-${index}`]) {
      const kept = Array.from({ length: 20_000 }, (_, index) => makeId(index)).filter(keepsRequest);
      expect(Math.abs(kept.length - 2_000)).toBeLessThan(6 * Math.sqrt(20_000 * 0.1 * 0.9));
    }
  });
});
