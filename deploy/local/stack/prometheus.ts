import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { findProgram } from "../processes/find-program";
import { projectDirectory } from "../project-directory";
import { SERVICES } from "./components";
import type { PortName, StackPorts } from "./stack-ports";

/** The Prometheus program on PATH; undefined where it is not installed. */
export function findPrometheus(env: NodeJS.ProcessEnv): string | undefined {
  return findProgram(env, "prometheus");
}

/** What may differ between stacks. */
export interface PrometheusOptions {
  /** Time from one scrape, and one evaluation of the rules, to the next. Default 5. */
  readonly intervalSeconds?: number;
  /** Whether this stack's Alertmanager runs, which is then told of alerts. Default: no. */
  readonly hasAlertmanager?: boolean;
}

/**
 * Writes a configuration for this stack's services and says how Prometheus is started with it. The names of the jobs are those
 * of the stack in containers (observability/prometheus/prometheus.yml), so that its rules hold here too.
 */
export function prometheusArguments(
  directory: string,
  ports: StackPorts,
  { intervalSeconds = 5, hasAlertmanager = false }: PrometheusOptions = {},
): string[] {
  const configuration = join(directory, "prometheus.yml");
  const rules = join(projectDirectory(), "observability/prometheus/rules/*.yml");
  const targets = (name: PortName) => ({ static_configs: [{ targets: [`127.0.0.1:${ports[name]}`] }] });
  const others = hasAlertmanager ? (["prometheus", "alertmanager"] as const) : (["prometheus"] as const);
  // JSON is YAML.
  const settings = {
    global: {
      scrape_interval: `${intervalSeconds}s`,
      evaluation_interval: `${intervalSeconds}s`,
      external_labels: { runbooks: pathToFileURL(join(projectDirectory(), "docs/runbooks")).href },
    },
    rule_files: [rules],
    ...(hasAlertmanager ? { alerting: { alertmanagers: [targets("alertmanager")] } } : {}),
    scrape_configs: [...SERVICES, ...others].map((name) => ({ job_name: name, ...targets(name) })),
  };
  writeFileSync(configuration, JSON.stringify(settings, undefined, 2));
  return [
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(directory, "data")}`,
    "--storage.tsdb.retention.time=2d",
    `--web.listen-address=127.0.0.1:${ports.prometheus}`,
  ];
}
