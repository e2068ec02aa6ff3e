import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePorts } from "../ports/free-ports";
import type { JaegerTrace } from "./jaeger-model";
import { sendBytes, sendSpans } from "./send-spans";
import { type Collector, startCollector } from "./start-collector";

const TRACE_ID = "0123456789abcdef0123456789abcdef";

describe("startCollector", () => {
  let collector: Collector;

  beforeAll(async () => {
    collector = await startCollector({ grpcPort: 0, httpPort: 0 });
  });
  afterAll(() => collector.close());

  it("answers in Jaeger's JSON what OpenTelemetry's own exporter sent", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${collector.grpcPort}`);
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    vi.stubEnv("OTEL_LOGS_EXPORTER", "none");
    vi.stubEnv("OTEL_NODE_RESOURCE_DETECTORS", "env");
    vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "service.name=sender,deployment.environment.name=test");
    const sdk = new NodeSDK({ metricReaders: [] });
    sdk.start();
    const tracer = trace.getTracer("a library", "1.2.3");
    const startTime = new Date(1_700_000_000_123);
    const elsewhere = { traceId: "f".repeat(32), spanId: "e".repeat(16), traceFlags: 1 };
    const span = tracer.startSpan("parent", { kind: SpanKind.PRODUCER, startTime, links: [{ context: elsewhere }] });
    span.setAttributes({ text: "ü", yes: true, int: 42, float: 0.5, list: ["a", "b"], numbers: [1, 2] });
    span.addEvent("retried", { attempt: 2 }, new Date(1_700_000_000_124));
    const child = tracer.startSpan("child", { startTime }, trace.setSpanContext(ROOT_CONTEXT, span.spanContext()));
    child.setStatus({ code: SpanStatusCode.ERROR, message: "no" });
    child.end(new Date(1_700_000_000_125));
    span.setStatus({ code: SpanStatusCode.OK });
    span.end([1_700_000_000, 623_500_000]);
    await sdk.shutdown();
    vi.unstubAllEnvs();

    const { traceId, spanId } = span.spanContext();
    const answer = await getJson<JaegerTrace[]>(`http://127.0.0.1:${collector.httpPort}/api/traces/${traceId}`);
    const scope = [
      { key: "otel.scope.name", type: "string", value: "a library" },
      { key: "otel.scope.version", type: "string", value: "1.2.3" },
    ];
    expect(answer).toMatchObject({ total: 0, limit: 0, offset: 0, errors: null });
    expect(answer.data).toHaveLength(1);
    const { spans = [], processes = {}, ...rest } = answer.data[0] ?? {};
    expect(rest).toEqual({ traceID: traceId, warnings: null });
    expect(processes).toEqual({ p1: { serviceName: "sender", tags: expect.any(Array) } });
    expect(processes["p1"]?.tags).toContainEqual({ key: "deployment.environment.name", type: "string", value: "test" });
    expect(processes["p1"]?.tags).toContainEqual({ key: "telemetry.sdk.language", type: "string", value: "nodejs" });
    expect(spans).toHaveLength(2);
    expect(spans).toContainEqual({
      traceID: traceId,
      spanID: spanId,
      operationName: "parent",
      references: [{ refType: "FOLLOWS_FROM", traceID: elsewhere.traceId, spanID: elsewhere.spanId }],
      startTime: 1_700_000_000_123_000,
      duration: 500_500,
      tags: [
        ...scope,
        { key: "text", type: "string", value: "ü" },
        { key: "yes", type: "bool", value: true },
        { key: "int", type: "int64", value: 42 },
        { key: "float", type: "float64", value: 0.5 },
        { key: "list", type: "string", value: '["a","b"]' },
        { key: "numbers", type: "string", value: "[1,2]" },
        { key: "span.kind", type: "string", value: "producer" },
        { key: "otel.status_code", type: "string", value: "OK" },
      ],
      logs: [
        {
          timestamp: 1_700_000_000_124_000,
          fields: [
            { key: "event", type: "string", value: "retried" },
            { key: "attempt", type: "int64", value: 2 },
          ],
        },
      ],
      processID: "p1",
      warnings: null,
    });
    expect(spans).toContainEqual(
      expect.objectContaining({
        spanID: child.spanContext().spanId,
        references: [{ refType: "CHILD_OF", traceID: traceId, spanID: spanId }],
        tags: [
          ...scope,
          { key: "span.kind", type: "string", value: "internal" },
          { key: "otel.status_code", type: "string", value: "ERROR" },
          { key: "error", type: "bool", value: true },
          { key: "otel.status_description", type: "string", value: "no" },
        ],
      }),
    );
  });

  it("joins what several processes send of one trace, in any order", async () => {
    await sendSpans(collector.grpcPort, [{ traceId: TRACE_ID, spanId: "2", parentId: "1", service: "b" }]);
    await sendSpans(collector.grpcPort, [{ traceId: TRACE_ID, spanId: "1", service: "a" }]);
    const joined = collector.trace(TRACE_ID);
    const services = joined?.spans.map(({ processID }) => joined.processes[processID]?.serviceName);
    expect(services).toEqual(["b", "a"]);
    expect(collector.traces().map(({ traceID }) => traceID)).toContain(TRACE_ID);
  });

  it("refuses bytes that are no export and exports that are too large, and goes on", async () => {
    const garbage = Buffer.from([0x0a, 0xff, 0xff, 0xff]);
    await expect(sendBytes(collector.grpcPort, garbage)).rejects.toMatchObject({ code: status.INTERNAL });
    const large = sendBytes(collector.grpcPort, Buffer.alloc(17 * 1024 * 1024));
    await expect(large).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    await sendSpans(collector.grpcPort, [{ traceId: "77", spanId: "1" }]);
    expect(collector.trace("77".padStart(32, "0"))).toBeDefined();
  });

  it("leaves out spans without valid ids", async () => {
    const before = collector.traces().length;
    await sendSpans(collector.grpcPort, [
      { traceId: "0", spanId: "1" },
      { traceId: "78", spanId: "0" },
    ]);
    expect(collector.traces()).toHaveLength(before);
  });

  it("drops the oldest traces beyond its limit", async () => {
    const small = await startCollector({ grpcPort: 0, httpPort: 0, maxTraces: 2 });
    for (const traceId of ["1", "2", "3"]) {
      await sendSpans(small.grpcPort, [{ traceId, spanId: "1" }]);
    }
    expect(small.traces().map(({ traceID }) => traceID.at(-1))).toEqual(["3", "2"]);
    await small.close();
  });

  it("says which port is taken, and then holds none", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const [free = 0] = await freePorts(1);
    await expect(startCollector({ grpcPort: port, httpPort: free })).rejects.toThrow(`:${port}`);
    await expect(startCollector({ grpcPort: free, httpPort: port })).rejects.toThrow(`:${port}`);
    const second = await startCollector({ grpcPort: free, httpPort: 0 });
    await second.close();
    taken.close();
  });

  it("closes at once although a client keeps its connection open", async () => {
    const closing = await startCollector({ grpcPort: 0, httpPort: 0 });
    await fetch(`http://127.0.0.1:${closing.httpPort}/api/services`);
    await sendSpans(closing.grpcPort, [{ traceId: "1", spanId: "1" }]);
    const startedAt = performance.now();
    await closing.close();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await expect(fetch(`http://127.0.0.1:${closing.httpPort}/`)).rejects.toThrow();
  });

  it.each([
    ["application/x-protobuf", Buffer.alloc(0), 200],
    ["application/x-protobuf", Buffer.from([0xff]), 400],
    ["application/x-protobuf", Buffer.alloc(16 * 1024 * 1024 + 1), 413],
    ["application/json", Buffer.from("{}"), 415],
  ])("answers OTLP/HTTP: %s", async (type, body, status) => {
    const url = `http://127.0.0.1:${collector.httpPort}/v1/traces`;
    expect((await fetch(url, { method: "POST", headers: { "content-type": type }, body })).status).toBe(status);
  });

  it("runs as a process that stops cleanly at SIGTERM", async () => {
    const [grpcPort = 0, httpPort = 0] = await freePorts(2);
    const main = join(__dirname, "../../../dist/deploy/local/collector/main.js");
    const env = { PATH: process.env["PATH"], OTLP_GRPC_PORT: String(grpcPort), JAEGER_HTTP_PORT: String(httpPort) };
    const child = spawn(process.execPath, [main], { env, stdio: "ignore" });
    const exit = once(child, "exit");
    await vi.waitFor(() => sendSpans(grpcPort, [{ traceId: "9", spanId: "1" }]), { timeout: 10_000, interval: 50 });
    const answer = await getJson<string[]>(`http://127.0.0.1:${httpPort}/api/services`);
    expect(answer.data).toEqual(["sample"]);
    expect((await fetch(`http://127.0.0.1:${httpPort}/`)).status).toBe(200);
    child.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
  });
});

/** The answer's JSON, taken at its word: its shape is what the tests are about. */
async function getJson<T>(
  url: string,
): Promise<{ data: T; total: number; limit: number; offset: number; errors: unknown }> {
  return (await fetch(url)).json() as Promise<{
    data: T;
    total: number;
    limit: number;
    offset: number;
    errors: unknown;
  }>;
}
