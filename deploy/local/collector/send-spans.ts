import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { type Attribute, EXPORT_PATH, exportRequest, type OtlpSpan } from "./otlp-trace";

/** A span as tests describe it; what they leave out has a default. Times in milliseconds since 1970. */
export interface SentSpan {
  traceId: string;
  spanId: string;
  parentId?: string;
  service?: string;
  name?: string;
  kind?: number;
  startMs?: number;
  durationMs?: number;
  tags?: Record<string, string>;
  isError?: boolean;
}

/** Sends spans to a collector by OTLP/gRPC, all in one export; resolves when it confirmed them. */
export async function sendSpans(grpcPort: number, spans: SentSpan[]): Promise<void> {
  const bytes = exportRequest.toBinary({
    resourceSpans: spans.map(({ service = "sample", ...span }) => ({
      resource: { attributes: [text("service.name", service)] },
      scopeSpans: [{ spans: [toOtlp(span)] }],
    })),
  });
  await sendBytes(grpcPort, Buffer.from(bytes));
}

/** Sends any bytes as an export; rejects with gRPC's error. */
export async function sendBytes(grpcPort: number, bytes: Buffer): Promise<void> {
  const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure());
  try {
    await new Promise<void>((resolve, reject) => {
      const settle = (error: ServiceError | null) => (error === null ? resolve() : reject(error));
      const same = (value: Buffer) => value;
      client.makeUnaryRequest(EXPORT_PATH, same, same, bytes, settle);
    });
  } finally {
    client.close();
  }
}

function toOtlp(span: Omit<SentSpan, "service">): OtlpSpan {
  const startNano = toNano(span.startMs ?? Date.now());
  return {
    traceId: Buffer.from(span.traceId.padStart(32, "0"), "hex"),
    spanId: Buffer.from(span.spanId.padStart(16, "0"), "hex"),
    traceState: "",
    parentSpanId: Buffer.from(span.parentId?.padStart(16, "0") ?? "", "hex"),
    name: span.name ?? "work",
    kind: span.kind ?? 1,
    startTimeUnixNano: startNano,
    endTimeUnixNano: startNano + toNano(span.durationMs ?? 1),
    attributes: Object.entries(span.tags ?? {}).map(([key, value]) => text(key, value)),
    events: [],
    links: [],
    ...(span.isError === true ? { status: { message: "it broke", code: 2 } } : {}),
  };
}

/** By way of microseconds: as a number, today in nanoseconds is not exact. */
function toNano(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1_000)) * 1_000n;
}

function text(key: string, stringValue: string): Attribute {
  return { key, value: { value: { oneofKind: "stringValue", stringValue } } };
}
