/** Writes observability/grafana/dashboards from the definitions beside this file: `make dashboards`. */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../../../deploy/local/project-directory";
import { allDashboards } from "./all-dashboards";

const directory = join(projectDirectory(), "observability/grafana/dashboards");
const dashboards = allDashboards();
for (const name of readdirSync(directory)) {
  if (name.endsWith(".json") && !dashboards.has(name)) rmSync(join(directory, name));
}
for (const [name, json] of dashboards) writeFileSync(join(directory, name), json);
