import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { projectDirectory } from "../../deploy/local/project-directory";

const panel = z.object({
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  datasource: z.object({ uid: z.string() }).optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string().optional() }) }).optional(),
  targets: z.array(z.object({ expr: z.string(), datasource: z.object({ uid: z.string() }) })).optional(),
});

const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  panels: z.array(panel),
  annotations: z.object({ list: z.array(z.object({ name: z.string(), expr: z.string() })) }),
  templating: z
    .object({
      list: z.array(z.object({ name: z.string(), query: z.unknown() })).optional(),
    })
    .optional(),
});

/** What the tests look at of a stored dashboard. */
export type StoredDashboard = z.infer<typeof dashboard>;

/** Every dashboard that Grafana is given. */
export function readDashboards(): StoredDashboard[] {
  const directory = join(projectDirectory(), "observability/grafana/dashboards");
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .map((name) => dashboard.parse(JSON.parse(readFileSync(join(directory, name), "utf8"))));
}

/** A query, and where it stands. */
export interface PlacedQuery {
  readonly place: string;
  readonly expr: string;
}

/** Every PromQL query of the dashboards: panels, annotations, variables, with all processes chosen. */
export function dashboardQueries(): PlacedQuery[] {
  return [
    ...panelQueries("prometheus"),
    ...readDashboards().flatMap(({ title, annotations, templating }) => [
      ...annotations.list.map(({ name, expr }) => ({ place: `${title} / annotation ${name}`, expr })),
      ...(templating?.list ?? []).flatMap(({ name, query }) => {
        const values = /label_values\((.+), \w+\)/.exec(JSON.stringify(query).replaceAll('\\"', '"'))?.[1];
        return values === undefined ? [] : [{ place: `${title} / variable ${name}`, expr: chooseAll(values) }];
      }),
    ]),
  ];
}

/** Every query of the panels that a data source is asked, with all processes chosen. */
export function panelQueries(uid: "prometheus" | "loki"): PlacedQuery[] {
  return readDashboards().flatMap(({ title, panels }) =>
    panels.flatMap((each) =>
      (each.targets ?? [])
        .filter(({ datasource }) => datasource.uid === uid)
        .map(({ expr }) => ({ place: `${title} / ${each.title}`, expr: chooseAll(expr) })),
    ),
  );
}

/** What Grafana puts in for its variables, with "All" for those that can be chosen. */
function chooseAll(expr: string): string {
  return expr
    .replaceAll("$service", ".+")
    .replaceAll("$instance", ".+")
    .replaceAll("$search", "")
    .replaceAll("$__auto", "1m")
    .replaceAll("$__rate_interval", "1m")
    .replaceAll("$__range", "1h");
}
