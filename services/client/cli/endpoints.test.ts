import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveEndpoints } from "./endpoints";
import { UsageError } from "./errors";

describe("resolveEndpoints", () => {
  let project: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "mcsv-endpoints-"));
    mkdirSync(join(project, ".local"));
  });

  afterEach(() => rmSync(project, { recursive: true }));

  it("takes the standard ports when nothing says otherwise", () => {
    expect(resolveEndpoints({}, project)).toMatchObject({
      user: "http://127.0.0.1:8081",
      jaeger: "http://127.0.0.1:16686",
    });
  });

  it("follows the offset that the stack of the checkout was started with", () => {
    writeFileSync(join(project, ".local", "stack.json"), JSON.stringify({ portOffset: 100 }));
    expect(resolveEndpoints({}, project).job).toBe("http://127.0.0.1:8182");
  });

  it("prefers MCSV_PORT_OFFSET to the stack's offset, and a service's own variable to both", () => {
    writeFileSync(join(project, ".local", "stack.json"), JSON.stringify({ portOffset: 100 }));
    const env = { MCSV_PORT_OFFSET: "200", USER_SERVICE_URL: "https://users.example.com/" };
    expect(resolveEndpoints(env, project)).toMatchObject({
      user: "https://users.example.com",
      job: "http://127.0.0.1:8282",
    });
  });

  it("takes the standard ports when the stack's state is half-written", () => {
    writeFileSync(join(project, ".local", "stack.json"), '{"portOff');
    expect(resolveEndpoints({}, project).user).toBe("http://127.0.0.1:8081");
  });

  it.each([
    ["MCSV_PORT_OFFSET", "ten"],
    ["MCSV_PORT_OFFSET", "-1"],
    ["MCSV_PORT_OFFSET", "1.5"],
    ["JOB_SERVICE_URL", "localhost:8082"],
    ["INBOX_URL", "ftp://inbox"],
  ])("names the variable and the value when %s is %j", (variable, value) => {
    expect(() => resolveEndpoints({ [variable]: value }, project)).toThrow(UsageError);
    expect(() => resolveEndpoints({ [variable]: value }, project)).toThrow(`${variable} is "${value}"`);
  });
});
