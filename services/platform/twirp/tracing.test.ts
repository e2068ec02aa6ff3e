import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JaegerSpan } from "../../../deploy/local/collector/jaeger-model";
import { type Collector, startCollector } from "../../../deploy/local/collector/start-collector";

const PLATFORM = join(__dirname, "../../../dist/services/platform");
const GET_USER = "mcsv.v1.UserService/GetUser";
const CREATE_USER = "mcsv.v1.UserService/CreateUser";
const GET_CONVERSION = "mcsv.v1.UserService/GetConversion";

let collector: Collector;
let spans: JaegerSpan[];
let metrics: string;

beforeAll(async () => {
  const fixture = join(PLATFORM, "twirp/tracing.fixture.js");
  if (!existsSync(fixture)) {
    throw new Error("dist/ is missing: run make build first");
  }
  collector = await startCollector({ grpcPort: 0, httpPort: 0 });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--require", join(PLATFORM, "telemetry/register.js"), fixture],
    {
      env: {
        PATH: process.env["PATH"],
        OTEL_SERVICE_NAME: "sample",
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.grpcPort}`,
      },
    },
  );
  const result = JSON.parse(stdout) as { traceId: string; metrics: string };
  metrics = result.metrics;
  spans = collector.trace(result.traceId)?.spans ?? [];
});
afterAll(() => collector.close());

function tag(span: JaegerSpan, key: string): unknown {
  return span.tags.find((each) => each.key === key)?.value;
}

function named(name: string, kind: "client" | "server"): JaegerSpan[] {
  return spans.filter((span) => span.operationName === name && tag(span, "span.kind") === kind);
}

function parent(span: JaegerSpan): string | undefined {
  return span.references[0]?.spanID;
}

function only(name: string, kind: "client" | "server"): JaegerSpan {
  const [span, ...others] = named(name, kind);
  if (span === undefined || others.length > 0) {
    throw new Error(`not one ${kind} span ${name} among ${spans.map((each) => each.operationName).join(", ")}`);
  }
  return span;
}

describe("the trace of calls", () => {
  it("goes from client to server to the calls that the server makes", () => {
    expect(parent(only(GET_USER, "server"))).toBe(only(GET_USER, "client").spanID);
    expect(parent(only(CREATE_USER, "client"))).toBe(only(GET_USER, "server").spanID);
    expect(parent(only(CREATE_USER, "server"))).toBe(only(CREATE_USER, "client").spanID);
  });

  it("has one span a side and call, and none of HTTP between them", () => {
    const names = spans.map((span) => span.operationName).filter((name) => name.startsWith("mcsv."));
    expect(names.sort()).toEqual(
      [GET_USER, GET_USER, CREATE_USER, CREATE_USER, GET_CONVERSION, ...Array(3).fill(GET_CONVERSION)].sort(),
    );
  });

  it("names system, method, status and server as the conventions have it", () => {
    const client = only(GET_USER, "client");
    expect(tag(client, "rpc.system.name")).toBe("twirp");
    expect(tag(client, "rpc.method")).toBe(GET_USER);
    expect(tag(client, "server.address")).toBe("127.0.0.1");
    const server = only(CREATE_USER, "server");
    expect(tag(server, "rpc.system.name")).toBe("twirp");
    expect(tag(server, "rpc.method")).toBe(CREATE_USER);
    expect(tag(server, "rpc.status_code")).toBe("not_found");
    expect(tag(server, "http.route")).toBe(`/twirp/${CREATE_USER}`);
  });

  it("marks a failed call on the client's span; on the server's only what is the server's fault", () => {
    expect(tag(only(CREATE_USER, "client"), "otel.status_code")).toBe("ERROR");
    expect(tag(only(CREATE_USER, "server"), "otel.status_code")).not.toBe("ERROR");
    const statuses = named(GET_CONVERSION, "server").map((span) => tag(span, "otel.status_code"));
    expect(statuses.filter((status) => status === "ERROR")).toHaveLength(2);
  });

  it("shows each attempt of a repeated call as a span, and the only attempt of another as none", () => {
    const client = only(GET_CONVERSION, "client");
    const attempts = named("POST", "client").filter((span) => parent(span) === client.spanID);
    expect(attempts.map((span) => tag(span, "http.request.resend_count"))).toEqual([undefined, 1, 2]);
    expect(attempts.map((span) => tag(span, "error.type"))).toEqual(["unavailable", "unavailable", undefined]);
    // The first was sent before anybody knew that others would follow.
    const [, ...further] = attempts.map(({ spanID }) => spanID);
    expect(named(GET_CONVERSION, "server").map(parent)).toEqual([client.spanID, ...further]);
  });

  it("tells the cause of a failure by the service's own fault, as the log does", () => {
    const [failed] = named(GET_CONVERSION, "server");
    const fields = new Map(failed?.logs[0]?.fields.map(({ key, value }) => [key, String(value)]));
    expect(fields.get("event")).toBe("exception");
    expect(fields.get("exception.type")).toBe("RangeError");
    expect(fields.get("exception.message")).toBe("cannot read http://store/key?[redacted]");
    expect(fields.get("exception.stacktrace")).toContain("tracing.fixture");
    expect(only(CREATE_USER, "server").logs).toEqual([]);
  });

  it("names what a call was about", () => {
    expect(tag(only(GET_USER, "server"), "mcsv.user.id")).toBe("u-1");
  });

  it("does not name spans or metrics after paths that are no method", () => {
    const unrouted = spans.find((span) => tag(span, "rpc.method") === "_OTHER");
    expect(unrouted?.operationName).toBe("POST");
    expect(unrouted === undefined ? "" : tag(unrouted, "rpc.method_original")).toBe("/twirp/nothing");
    expect(metrics).not.toContain("nothing");
  });

  it("leaves HTTP metrics by route", () => {
    expect(metrics).toContain(`http_route="/twirp/${GET_USER}"`);
  });
});
