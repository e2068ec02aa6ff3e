import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { findProgram } from "../processes/find-program";
import { projectDirectory } from "../project-directory";
import { SERVICES } from "./components";
import type { StackPorts } from "./stack-ports";

/** The Prometheus program on PATH; undefined where it is not installed. */
export function findPrometheus(env: NodeJS.ProcessEnv): string | undefined {
  return findProgram(env, "prometheus");
}

/**
 * Writes a configuration for this stack's services and says how Prometheus is started with it. The names of the jobs are those
 * of the stack in containers (observability/prometheus/prometheus.yml), so that its rules hold here too.
 *
 * @param intervalSeconds time from one scrape, and one evaluation of the rules, to the next.
 */
export function prometheusArguments(directory: string, ports: StackPorts, intervalSeconds = 5): string[] {
  const configuration = join(directory, "prometheus.yml");
  const rules = join(projectDirectory(), "observability/prometheus/rules/*.yml");
  const jobs = [...SERVICES, "prometheus" as const].map((name) => ({
    job_name: name,
    static_configs: [{ targets: [`127.0.0.1:${ports[name]}`] }],
  }));
  // JSON is YAML.
  const settings = {
    global: {
      scrape_interval: `${intervalSeconds}s`,
      evaluation_interval: `${intervalSeconds}s`,
      external_labels: { runbooks: pathToFileURL(join(projectDirectory(), "docs/runbooks")).href },
    },
    rule_files: [rules],
    scrape_configs: jobs,
  };
  writeFileSync(configuration, JSON.stringify(settings, undefined, 2));
  return [
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(directory, "data")}`,
    "--storage.tsdb.retention.time=2d",
    `--web.listen-address=127.0.0.1:${ports.prometheus}`,
  ];
}
