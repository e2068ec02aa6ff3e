import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { Collector } from "./collector";

/** How long the collector may take, in milliseconds. */
const TIMEOUT_MS = 2_000;

/** Loads the OTLP exporter when there is something to send: gRPC alone takes half as long to load as all of the CLI. */
export class LateExporter implements SpanExporter {
  readonly #collector: Collector;
  #exporter: Promise<SpanExporter> | undefined;

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter ??= open(this.#collector);
    this.#exporter.then(
      (exporter) => exporter.export(spans, done),
      (error: Error) => done({ code: ExportResultCode.FAILED, error }),
    );
  }

  async shutdown(): Promise<void> {
    await (await this.#exporter)?.shutdown();
  }
}

async function open(collector: Collector): Promise<SpanExporter> {
  const options = { timeoutMillis: TIMEOUT_MS, ...(collector.kind === "local" && { url: collector.url }) };
  if (collector.kind === "environment" && collector.protocol === "http/protobuf") {
    const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
    return new OTLPTraceExporter(options);
  }
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-grpc");
  return new OTLPTraceExporter(options);
}
