import { accessSync, constants, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { SERVICES } from "./components";
import type { StackPorts } from "./stack-ports";

/** The Prometheus program on PATH; undefined where it is not installed. */
export function findPrometheus(env: NodeJS.ProcessEnv): string | undefined {
  for (const directory of (env["PATH"] ?? "").split(delimiter)) {
    const program = join(directory, "prometheus");
    try {
      accessSync(program, constants.X_OK);
      return program;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}

/** Writes a scrape configuration for this stack's services and says how Prometheus is started with it. */
export function prometheusArguments(directory: string, ports: StackPorts): string[] {
  const configuration = join(directory, "prometheus.yml");
  const jobs = SERVICES.map(
    (service) => `  - job_name: ${service}\n    static_configs:\n      - targets: ["127.0.0.1:${ports[service]}"]\n`,
  );
  writeFileSync(configuration, `global:\n  scrape_interval: 5s\nscrape_configs:\n${jobs.join("")}`);
  return [
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(directory, "data")}`,
    "--storage.tsdb.retention.time=2d",
    `--web.listen-address=127.0.0.1:${ports.prometheus}`,
  ];
}
