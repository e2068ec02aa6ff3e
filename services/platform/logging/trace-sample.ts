import { ROOT_CONTEXT } from "@opentelemetry/api";
import { SamplingDecision, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";

/** Whether the log keeps what happens in a trace, of that id, when all goes well. */
export type TraceSample = (traceId: string) => boolean;

/**
 * Chooses traces. Their ids decide, so that all services come to the same answer, and a trace's lines are there together or not at
 * all; as the sampler `traceidratio` decides, so that the traces that are recorded at a ratio are those that are logged at it.
 *
 * @param ratio part of the traces that are kept, 0 to 1
 */
export function traceSample(ratio: number): TraceSample {
  if (ratio >= 1) {
    return () => true;
  }
  const sampler = new TraceIdRatioBasedSampler(ratio);
  return (traceId) => sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
}
