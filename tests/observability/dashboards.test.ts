import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { allDashboards } from "../../observability/grafana/definitions/all-dashboards";
import { readDashboards } from "./read-dashboards";

const DIRECTORY = join(projectDirectory(), "observability/grafana/dashboards");

describe("the dashboards", () => {
  it("are generated from their definitions (make dashboards)", () => {
    const stored = readdirSync(DIRECTORY).filter((name) => name.endsWith(".json"));
    expect(Object.fromEntries(stored.map((name) => [name, readFileSync(join(DIRECTORY, name), "utf8")]))).toEqual(
      Object.fromEntries(allDashboards()),
    );
  });

  it.each(readDashboards())("$title explains itself and every panel, with a unit, limits and a source", (dashboard) => {
    expect(dashboard.description).toMatch(/\S/);
    expect(dashboard.annotations.list.map(({ name }) => name)).toEqual(["Deployments", "Alerts"]);
    expect(dashboard.panels.length).toBeGreaterThan(2);
    for (const panel of dashboard.panels) {
      if (panel.type === "row") continue;
      expect(panel, panel.title).toMatchObject({
        description: expect.stringMatching(/\S/),
        datasource: { uid: expect.stringMatching(/^(prometheus|loki)$/) },
      });
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
      if (panel.type !== "logs") expect(panel.fieldConfig?.defaults.unit, panel.title).toMatch(/\S/);
    }
  });

  it("have uids of their own, and no panel's place is taken twice", () => {
    const dashboards = readDashboards();
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
    for (const { title, panels } of dashboards) {
      const places = panels.map(({ gridPos }) => `${gridPos.x},${gridPos.y}`);
      expect(new Set(places).size, title).toBe(places.length);
    }
  });
});
