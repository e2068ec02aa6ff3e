import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { allDashboards } from "../../observability/grafana/definitions/all-dashboards";
import { exploreLinksOf, readDashboards, type StoredPanel } from "./read-dashboards";
import { readQuestions } from "./read-questions";

/** Panels without a threshold, by title, and why a limit would mean nothing. */
const NO_LIMIT: Readonly<Record<string, string>> = {
  Calls: "how much is asked of a service is up to its callers",
  Answers: "counts of all codes; Failed calls has the limit",
  "Calls made, by answer": "counts of all codes",
  Attempts: "counts of all outcomes; Dead letters has the limit",
  Conversions: "counts of all results",
  Mails: "counts of all results",
  "Pages written": "counts what is asked for",
  "Operations on objects": "counts of all results",
  Running: "names versions",
  "Size of sources and PDFs": "up to the senders; larger ones are refused",
  "Size of a PDF by that of its source": "up to the images",
  "Jobs by state": "counts of all states; Age of the oldest job has the limit",
  "Resident set": "Memory has it as part of the limit",
  "Heap in use": "its trend says more than its size",
  "Active resources": "its trend says more than its number",
  "Lines by level": "counts of all levels; Warnings and errors by service has the limit",
  Samples: "follows from the number of series",
  "Memory of the telemetry": "each container of the telemetry has a limit of its own",
  "Spans and log bytes": "follows from what is asked of the services",
  "Spans that are sent": "follows from what is asked of the services; Spans that are lost has the limit",
};

/** Panels whose series lead nowhere, by title, and why. */
const NO_LINKS: Readonly<Record<string, string>> = {
  Alerts: "Alertmanager and the client's page show them",
  "Free disk": "of the machine, whatever its processes do",
  "Processes up": "a process that is down tells nothing",
  Running: "names versions",
  "Size of sources and PDFs": "Conversions leads to the same traces",
  "Size of a PDF by that of its source": "Conversions leads to the same traces",
  "Pages written": "Conversions leads to the same traces",
};

function allPanels(): readonly { readonly dashboard: string; readonly panel: StoredPanel }[] {
  return readDashboards().flatMap(({ title, panels }) =>
    panels.filter(({ type }) => type !== "row").map((panel) => ({ dashboard: title, panel })),
  );
}

/** A variable as Grafana fills it in. */
const variable = (name: string) => `\${${name}}`;

const hasLimit = (panel: StoredPanel) => (panel.fieldConfig?.defaults.thresholds?.steps.length ?? 0) > 1;

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

  it("say from where on a value is bad, but for those where that means nothing", () => {
    const shown = allPanels().filter(({ panel }) => ["timeseries", "stat"].includes(panel.type));
    const without = shown.filter(({ panel }) => !hasLimit(panel)).map(({ panel }) => panel.title);
    expect(new Set(without)).toEqual(new Set(Object.keys(NO_LIMIT)));
  });

  it("lead from every metric to the logs and traces of the same time, but for those of the telemetry itself", () => {
    const metrics = allPanels().filter(
      ({ dashboard, panel }) => panel.datasource?.uid === "prometheus" && dashboard !== "Telemetry cost",
    );
    const without = metrics.filter(({ panel }) => exploreLinksOf(panel).length === 0).map(({ panel }) => panel.title);
    expect(new Set(without)).toEqual(new Set(Object.keys(NO_LINKS)));
    for (const { panel } of metrics.filter(({ panel: { title } }) => !(title in NO_LINKS))) {
      const [logs, traces] = exploreLinksOf(panel);
      const range = { from: variable("__from"), to: variable("__to") };
      expect(logs, panel.title).toMatchObject({ source: "loki", query: expect.stringMatching(/^\{service="/), range });
      const query = expect.stringMatching(/^\{resource\.service\.name="[^"]+"( && .+)?\}$/);
      expect(traces, panel.title).toMatchObject({ source: "tempo", query, range });
    }
  });

  it("show by bucket how long conversions, welcome mails and the calls of every service take", () => {
    const heatmaps = allPanels().filter(({ panel }) => panel.type === "heatmap");
    const shown = heatmaps.map(({ dashboard, panel }) => {
      expect(panel).toMatchObject({ options: { calculate: false }, targets: [{ format: "heatmap" }] });
      const histogram = /^sum by \(le\) \(increase\((\w+)_bucket/.exec(panel.targets?.[0]?.expr ?? "")?.[1];
      return `${dashboard}: ${histogram}`;
    });
    expect(shown).toEqual(
      expect.arrayContaining([
        "Image conversion: mcsv_conversion_journey_duration_seconds",
        "Email: mcsv_welcome_duration_seconds",
        ...["client", "email", "image", "job", "user"].map(
          (service) => `Service: ${service}: rpc_server_call_duration_seconds`,
        ),
      ]),
    );
  });

  it.each(readDashboards())("$title uses every variable that it lets one choose", ({ panels, templating }) => {
    const queries = panels.flatMap(({ targets }) => (targets ?? []).map(({ expr }) => expr)).join("\n");
    const names = (templating?.list ?? []).map(({ name }) => name);
    expect(names.filter((name) => !queries.includes(`$${name}`))).toEqual([]);
  });

  it("have what docs/telemetry.md sends one to for an answer", () => {
    const names = readDashboards().flatMap(({ title, panels, templating }) => [
      title,
      ...panels.map((panel) => panel.title),
      ...panels.flatMap(({ fieldConfig }) => (fieldConfig?.defaults.links ?? []).map((link) => link.title)),
      ...(templating?.list ?? []).flatMap(({ label }) => label ?? []),
    ]);
    const questions = readQuestions();
    expect(questions).toHaveLength(6);
    for (const { question, answer } of questions) {
      const named = [...answer.matchAll(/\*([^*\n]+)\*/g)].map(([, name]) => name);
      expect(named, question).not.toEqual([]);
      // The data sources offer that one.
      expect([...names, "Trace in Tempo"], question).toEqual(expect.arrayContaining(named));
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
