import { NodeSDK, type NodeSDKConfiguration } from "@opentelemetry/sdk-node";

type SpanProcessor = NonNullable<NodeSDKConfiguration["spanProcessors"]>[number];

/** A span that has ended. */
export type RecordedSpan = Parameters<SpanProcessor["onEnd"]>[0];

/** Makes the process trace for real, and keeps the spans that end. One at a time; call `stop()` in afterAll. */
export function recordSpans(): { spans: RecordedSpan[]; stop(): Promise<void> } {
  const spans: RecordedSpan[] = [];
  const recorder: SpanProcessor = {
    onStart: () => undefined,
    onEnd: (span) => {
      spans.push(span);
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  process.env["OTEL_METRICS_EXPORTER"] = "none";
  process.env["OTEL_LOGS_EXPORTER"] = "none";
  const sdk = new NodeSDK({ spanProcessors: [recorder], instrumentations: [], autoDetectResources: false });
  sdk.start();
  return { spans, stop: () => sdk.shutdown() };
}
