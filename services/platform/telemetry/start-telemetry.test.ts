import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JaegerSpan, JaegerTrace } from "../../../deploy/local/collector/jaeger-model";
import { type Collector, startCollector } from "../../../deploy/local/collector/start-collector";
import { startTestServer, type TestServer, testCredentials } from "../../../deploy/local/s3/start-test-server";
import { createTestDatabase, type TestDatabase } from "../../../tests/support/test-database";

const ROOT = join(__dirname, "../../..");
const PLATFORM = join(ROOT, "dist/services/platform");

/** Common to all scripts: they run in a process of their own, because the bootstrap must come before everything. */
const PRELUDE = `
const http = require("node:http");
const { setTimeout: delay } = require("node:timers/promises");
const Koa = require("koa");
const { withSpan } = require("${PLATFORM}/telemetry/with-span.js");
const { captureTrace, contextFromCarrier, traceIdOf } = require("${PLATFORM}/telemetry/trace-carrier.js");
const { metricsMiddleware } = require("${PLATFORM}/telemetry/metrics-handler.js");
const { requestId } = require("${PLATFORM}/http/request-id.js");
const { traceRequests } = require("${PLATFORM}/http/trace-requests.js");
const { shutdownTelemetry } = require("${PLATFORM}/telemetry/shutdown-telemetry.js");
const serve = async (...middleware) => {
  const app = new Koa();
  for (const each of [requestId(), traceRequests(), ...middleware]) app.use(each);
  const server = await new Promise((resolve) => { const s = app.listen(0, "127.0.0.1", () => resolve(s)); });
  return { url: "http://127.0.0.1:" + server.address().port, close: () => { server.close(); server.closeAllConnections(); } };
};
const get = (url) => new Promise((resolve, reject) => http.get(url, (answer) => answer.resume().on("end", resolve)).on("error", reject));
const print = (value) => process.stdout.write(JSON.stringify(value));
`;

/** Every kind of call that a service makes, inside one span and outside of all. */
const FLOW = `
const { createPool } = require("${PLATFORM}/postgres/create-pool.js");
const { createLogger } = require("${PLATFORM}/logging/create-logger.js");
const { createObjectStore } = require("${PLATFORM}/object-store/create-object-store.js");
(async () => {
  const logger = createLogger({ service: "sample", level: "error", format: "json", stream: process.stderr });
  const pool = createPool({ connectionString: process.env.DATABASE_URL, max: 2, applicationName: "t", logger });
  const store = createObjectStore(JSON.parse(process.env.STORE));
  let presigned;
  const server = await serve(metricsMiddleware(), async (ctx) => {
    if (ctx.path === "/work") {
      await pool.query("SELECT $1::text AS value", ["parameter-secret"]);
      await store.putBytes("key", Buffer.from("x"), { contentType: "a/b" });
      presigned = await store.presignGet("key", { expiresInSeconds: 60, audience: "internal" });
      ctx.body = captureTrace();
      return;
    }
    ctx.body = "ok";
  });
  await pool.query("SELECT 'outside of any trace'");
  await store.ensureBucket();
  await store.check(AbortSignal.timeout(5000));
  for (const path of ["/healthz", "/readyz", "/metrics"]) await get(server.url + path);
  const carrier = await withSpan("caller", { attributes: { size: 3 } }, async () =>
    (await fetch(server.url + "/work?X-Amz-Signature=signature-secret")).json(),
  );
  await withSpan("continued", { parent: contextFromCarrier(carrier) }, async () => {
    await get(presigned);
    await fetch(presigned).then((answer) => answer.text());
  });
  const failed = await withSpan("failing", {}, async () => { throw new Error("it broke"); }).catch((error) => error.message);
  const metrics = await fetch(server.url + "/metrics");
  print({
    traceId: traceIdOf(carrier),
    failed,
    metrics: await metrics.text(),
    type: metrics.headers.get("content-type"),
  });
  server.close();
  store.close();
  await pool.end();
  await shutdownTelemetry();
})();
`;

async function run(script: string, env: Record<string, string>): Promise<string> {
  const register = join(PLATFORM, "telemetry/register.js");
  if (!existsSync(register)) {
    throw new Error("dist/ is missing: run make build first");
  }
  const { stdout } = await promisify(execFile)(process.execPath, ["--require", register, "-e", PRELUDE + script], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"], OTEL_SERVICE_NAME: "sample", ...env },
  });
  return stdout;
}

describe("the telemetry of a process", () => {
  let collector: Collector;
  let database: TestDatabase;
  let s3: TestServer;
  let result: { traceId: string; failed: string; metrics: string; type: string };
  let trace: JaegerTrace;

  function env(overrides: Record<string, string> = {}): Record<string, string> {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.grpcPort}`, ...overrides };
  }

  function span(name: string, kind?: string): JaegerSpan {
    const found = trace.spans.find(
      ({ operationName, tags }) =>
        operationName === name && (kind === undefined || tags.some(({ value }) => value === kind)),
    );
    if (found === undefined) {
      throw new Error(`no span ${name} among ${trace.spans.map(({ operationName }) => operationName).join(", ")}`);
    }
    return found;
  }

  function tag(of: JaegerSpan, key: string): unknown {
    return of.tags.find((each) => each.key === key)?.value;
  }

  beforeAll(async () => {
    [collector, database, s3] = await Promise.all([
      startCollector({ grpcPort: 0, httpPort: 0 }),
      createTestDatabase(),
      startTestServer(),
    ]);
    const store = { endpoint: s3.url, publicEndpoint: s3.url, region: "us-east-1", bucket: "mcsv", ...testCredentials };
    result = JSON.parse(await run(FLOW, env({ DATABASE_URL: database.url, STORE: JSON.stringify(store) })));
    const arrived = collector.trace(result.traceId);
    if (arrived === undefined) {
      throw new Error("the trace did not arrive");
    }
    trace = arrived;
  });
  afterAll(() => Promise.all([collector.close(), database.drop(), s3.close()]));

  it("is one trace from the caller through HTTP, Postgres and the object store to what is continued later", () => {
    const parentOf = (child: JaegerSpan) => trace.spans.find(({ spanID }) => spanID === child.references[0]?.spanID);
    const query = span(`SELECT ${database.name}`);
    const server = span("GET", "server");
    expect(parentOf(query)).toBe(server);
    expect(parentOf(span("S3.PutObject"))).toBe(server);
    expect(parentOf(span("continued"))).toBe(server);
    expect(parentOf(parentOf(server) ?? server)).toBe(span("caller"));
    expect(trace.spans.map(({ operationName }) => operationName).sort()).toEqual(
      ["GET", "GET", "GET", "GET", "S3.PutObject", "caller", "continued", `SELECT ${database.name}`].sort(),
    );
  });

  it("carries the service's name, kinds and attributes", () => {
    expect(Object.values(trace.processes).map(({ serviceName }) => serviceName)).toEqual(["sample"]);
    expect(tag(span("caller"), "size")).toBe(3);
    expect(tag(span("caller"), "span.kind")).toBe("internal");
    expect(tag(span(`SELECT ${database.name}`), "db.query.text")).toBe("SELECT $1::text AS value");
  });

  it("keeps query strings and SQL parameters out, which may be credentials", () => {
    const sent = JSON.stringify(collector.traces());
    expect(sent).toContain("/work");
    expect(sent).toContain("/mcsv/key?REDACTED");
    for (const secret of ["signature-secret", "parameter-secret", "X-Amz", testCredentials.accessKeyId]) {
      expect(sent).not.toContain(secret);
    }
  });

  it("makes no trace of probes, of scrapes, of queries and checks outside a trace, or of presigning", () => {
    const spans = collector.traces().flatMap((each) => each.spans);
    const served = spans.filter((each) => tag(each, "span.kind") === "server").map((each) => tag(each, "url.path"));
    expect(served).toEqual(["/work"]);
    expect(spans.filter(({ operationName }) => operationName.startsWith("SELECT"))).toHaveLength(1);
    expect(spans.map(({ operationName }) => operationName).filter((name) => name.startsWith("S3."))).toEqual([
      "S3.PutObject",
    ]);
  });

  it("records what a span's work threw, and throws it on", () => {
    expect(result.failed).toBe("it broke");
    const failing = collector.traces().flatMap(({ spans }) => spans.filter((each) => each.operationName === "failing"));
    expect(failing).toHaveLength(1);
    expect(failing[0]?.tags).toContainEqual({ key: "otel.status_code", type: "string", value: "ERROR" });
    expect(failing[0]?.tags).toContainEqual({ key: "otel.status_description", type: "string", value: "it broke" });
    expect(failing[0]?.logs[0]?.fields).toContainEqual({ key: "exception.message", type: "string", value: "it broke" });
  });

  it("answers /metrics in Prometheus' text format, each family described once", () => {
    expect(result.type).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = result.metrics.trimEnd().split("\n");
    const sample = /^[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="([^"\\]|\\.)*",?)*\})? (NaN|[+-]Inf|-?\d+(\.\d+)?(e[+-]?\d+)?)$/;
    expect(lines.filter((line) => !line.startsWith("# ") && !sample.test(line))).toEqual([]);
    const described = lines.filter((line) => line.startsWith("# TYPE ")).map((line) => line.split(" ")[2]);
    expect(described).toHaveLength(new Set(described).size);
    const series = lines.filter((line) => !line.startsWith("# ")).map((line) => line.slice(0, line.lastIndexOf(" ")));
    expect(series).toHaveLength(new Set(series).size);
    expect(described).toEqual(
      expect.arrayContaining([
        "target_info",
        "http_server_request_duration_seconds",
        "http_client_request_duration_seconds",
        "db_client_operation_duration_seconds",
        "db_client_connections",
        "nodejs_eventloop_utilization_ratio",
        "v8js_memory_heap_used_bytes",
        "process_cpu_time_seconds_total",
        "process_memory_usage_bytes",
        "process_uptime_seconds",
        "mcsv_build_info",
        "otel_sdk_processor_span_queue_size",
      ]),
    );
    expect(result.metrics).toContain('db_client_connection_pool_name="t"');
    expect(result.metrics).not.toMatch(/secret|X-Amz/);
    // Only histograms may have names that end so.
    const histograms = new Set(lines.flatMap((line) => /^# TYPE (\S+) histogram$/.exec(line)?.[1] ?? []));
    const suffixed = described.filter((name) => /_(count|sum|bucket)$/.test(name ?? "") && !histograms.has(name ?? ""));
    expect(suffixed).toEqual([]);
  });

  it("is sent by HTTP where OTEL_EXPORTER_OTLP_PROTOCOL is http/protobuf", async () => {
    const script = `withSpan("by http", {}, async () => print(captureTrace())).then(shutdownTelemetry);`;
    const overrides = {
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.httpPort}`,
    };
    const { traceparent } = JSON.parse(await run(script, overrides));
    const sent = collector.trace(traceparent.split("-")[1])?.spans.map(({ operationName }) => operationName);
    expect(sent).toEqual(["by http"]);
  });

  it("obeys the standard sampler variables", async () => {
    const script = `withSpan("unsampled", {}, async () => print(captureTrace())).then(shutdownTelemetry);`;
    const { traceparent } = JSON.parse(await run(script, env({ OTEL_TRACES_SAMPLER: "always_off" })));
    expect(traceparent).toMatch(/-00$/);
    expect(collector.trace(traceparent.split("-")[1])).toBeUndefined();
  });

  it("is off when OTEL_SDK_DISABLED is true: no trace, and a comment instead of metrics", async () => {
    const script = `(async () => {
      const server = await serve(metricsMiddleware());
      const answer = await fetch(server.url + "/metrics");
      const carrier = await withSpan("nothing", {}, async () => captureTrace());
      print({ carrier, traceId: traceIdOf(carrier), status: answer.status, text: await answer.text() });
      await shutdownTelemetry();
      server.close();
    })();`;
    expect(JSON.parse(await run(script, env({ OTEL_SDK_DISABLED: "true" })))).toEqual({
      carrier: {},
      traceId: "",
      status: 200,
      text: "# telemetry is disabled (OTEL_SDK_DISABLED)\n",
    });
  });

  it("does not disturb the work while the collector is away or silent", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const script = `(async () => {
      const value = await withSpan("lonely", {}, async () => "done");
      await delay(100);
      print({ value });
      process.exit(0);
    })();`;
    const endpoints = ["http://127.0.0.1:1", `http://127.0.0.1:${port}`];
    const results = await Promise.all(
      endpoints.map((endpoint) =>
        run(script, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: "10" }),
      ),
    );
    silent.close();
    expect(results.map((each) => JSON.parse(each))).toEqual([{ value: "done" }, { value: "done" }]);
  });
});
