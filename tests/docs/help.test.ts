import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configHelp } from "../../services/platform/config/describe-config";
import { SERVICE_CONFIGS } from "./configuration";

const DIST = join(__dirname, "../../dist");
const REGISTER = join(DIST, "services/platform/telemetry/register.js");

/** Runs a service as it is run for real, with nothing in its environment but what is given. */
function runService(service: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const main = join(DIST, "services", service, "main.js");
  expect(existsSync(main), `${main} is there: run "make build" first`).toBe(true);
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, ["--require", REGISTER, main, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

describe.each(SERVICE_CONFIGS.map((definition) => ({ service: definition.service, definition })))(
  "the $service service",
  ({ service, definition }) => {
    it("prints its variables when asked for --help", async () => {
      expect(await runService(service, ["--help"])).toEqual({ code: 0, stdout: configHelp(definition), stderr: "" });
    });

    it("does not start with a wrong environment, and names each variable that is missing or wrong", async () => {
      const { code, stderr } = await runService(service, [], {
        PORT: "abc",
        LOG_LEVEL: "loud",
        OTEL_TRACES_SAMPLER: "typo",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http",
        OTEL_EXPORTER_OTLP_ENDPOINT: "nonsense",
      });
      expect(code).toBe(1);
      const lines = stderr.trimEnd().split("\n").slice(1);
      const wrong = Object.values(definition.variables).filter(
        ({ env, required }) => required || env === "PORT" || env === "LOG_LEVEL",
      );
      expect(lines.map((line) => line.trim().split(" ")[0])).toEqual([
        ...wrong.map(({ env }) => env),
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_TRACES_SAMPLER",
      ]);
      expect(stderr).toContain('PORT is "abc": must be an integer from 1 to 65535');
    });
  },
);
