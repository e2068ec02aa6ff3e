import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../processes/find-program";
import { projectDirectory } from "../project-directory";
import type { StackPorts } from "./stack-ports";

/** The Alertmanager program on PATH, which Debian names after Prometheus; undefined where it is not installed. */
export function findAlertmanager(env: NodeJS.ProcessEnv): string | undefined {
  return findProgram(env, "alertmanager", "prometheus-alertmanager");
}

/**
 * Writes a configuration for this stack and says how Alertmanager is started with it. It is that of the stack in containers
 * (observability/alertmanager), without receivers whose secrets only people know: alerts go to the inbox and to the page of
 * the client service.
 *
 * @param alertsToken proves to the client service that Alertmanager speaks.
 */
export function alertmanagerArguments(directory: string, ports: StackPorts, alertsToken: string): string[] {
  writeFileSync(join(directory, "alerts_token"), alertsToken, { mode: 0o600 });
  const source = join(projectDirectory(), "observability/alertmanager");
  const file = join(source, "alertmanager.yml");
  const text = execFileSync("sh", [join(source, "configure.sh"), file, directory], { encoding: "utf8" });
  const configuration = join(directory, "alertmanager.yml");
  writeFileSync(
    configuration,
    text
      .replaceAll("http://client:4000/", `http://127.0.0.1:${ports.client}/`)
      .replaceAll("inbox:1025", `127.0.0.1:${ports.smtp}`),
  );
  return [
    `--config.file=${configuration}`,
    `--storage.path=${join(directory, "data")}`,
    `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
    // One instance: there is no cluster to join.
    "--cluster.listen-address=",
  ];
}
