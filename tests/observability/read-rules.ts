import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { projectDirectory } from "../../deploy/local/project-directory";

/** Where Prometheus' configuration, its rules and their unit tests are. */
export const PROMETHEUS_DIRECTORY = join(projectDirectory(), "observability/prometheus");

const labels = z.record(z.string(), z.string()).default({});
const rule = z.object({
  record: z.string().optional(),
  alert: z.string().optional(),
  expr: z.string(),
  labels,
  annotations: labels,
});
const ruleFile = z.object({ groups: z.array(z.object({ rules: z.array(rule) })) });

const configuration = z.object({
  global: z.object({ external_labels: z.object({ runbooks: z.string() }) }),
  alerting: z.object({ alert_relabel_configs: z.array(z.record(z.string(), z.string())) }),
});

/** What the tests need of Prometheus' configuration. */
export type PrometheusConfiguration = z.infer<typeof configuration>;

/** Prometheus' configuration in the stack in containers. */
export function readConfiguration(): PrometheusConfiguration {
  return configuration.parse(parse(readFileSync(join(PROMETHEUS_DIRECTORY, "prometheus.yml"), "utf8")));
}

/** A recording rule (`record` is set) or an alert (`alert` is set). */
export type Rule = z.infer<typeof rule>;

/** Every rule of the stack. */
export function readRules(): Rule[] {
  const directory = join(PROMETHEUS_DIRECTORY, "rules");
  return readdirSync(directory).flatMap((name) =>
    ruleFile.parse(parse(readFileSync(join(directory, name), "utf8"))).groups.flatMap(({ rules }) => rules),
  );
}
