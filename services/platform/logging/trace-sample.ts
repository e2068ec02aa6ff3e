import { hash } from "node:crypto";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { SamplingDecision, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";

/** Hexadecimal digits of a trace id. */
const TRACE_ID_DIGITS = 32;

/** Which requests' lines a log keeps when all goes well. */
export interface LogSample {
  /**
   * Whether the lines of a trace are kept. Decided as OpenTelemetry's sampler `traceidratio` decides: all services come to the same
   * answer, and of two ratios the smaller one's traces are among the larger one's, so that what is kept here is recorded there.
   *
   * @param traceId 32 hexadecimal digits
   */
  keepsTrace(traceId: string): boolean;
  /** Whether the lines of a request that belongs to no trace are kept; its id decides, which goes with all calls that it leads to. */
  keepsRequest(requestId: string): boolean;
}

/** @param ratio part of the traces and requests that are kept, 0 to 1 */
export function createLogSample(ratio: number): LogSample {
  const sampler = new TraceIdRatioBasedSampler(ratio);
  const keepsTrace = (traceId: string): boolean =>
    sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
  return {
    keepsTrace,
    keepsRequest: (requestId) => keepsTrace(hash("sha256", requestId).slice(0, TRACE_ID_DIGITS)),
  };
}
