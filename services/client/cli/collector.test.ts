import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveCollector } from "./collector";

describe("resolveCollector", () => {
  let project: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "mcsv-collector-"));
    mkdirSync(join(project, ".local", "docker"), { recursive: true });
  });

  afterEach(() => rmSync(project, { recursive: true }));

  it("takes the local stack's, moved as the stack is", () => {
    expect(resolveCollector({}, project)).toEqual({ kind: "local", url: "http://127.0.0.1:4317" });
    writeFileSync(join(project, ".local", "stack.json"), JSON.stringify({ portOffset: 100 }));
    expect(resolveCollector({}, project)).toEqual({ kind: "local", url: "http://127.0.0.1:4417" });
  });

  it("prefers what OpenTelemetry's variables say", () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" };
    const given = { kind: "environment", protocol: "http/protobuf" };
    expect(resolveCollector({ ...env, USER_SERVICE_URL: "https://users.example.com" }, project)).toEqual(given);
  });

  it("knows none of a stack in containers, nor of services elsewhere", () => {
    expect(resolveCollector({ USER_SERVICE_URL: "https://users.example.com" }, project)).toBeUndefined();
    writeFileSync(join(project, ".local", "docker", "up.json"), "{}");
    expect(resolveCollector({}, project)).toBeUndefined();
  });
});
