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
  fieldConfig: z
    .object({
      defaults: z.object({
        unit: z.string().optional(),
        thresholds: z.object({ steps: z.array(z.unknown()) }).optional(),
        links: z.array(z.object({ title: z.string(), url: z.string() })).default([]),
      }),
    })
    .optional(),
  options: z.object({ calculate: z.boolean().optional() }).optional(),
  targets: z
    .array(z.object({ expr: z.string(), datasource: z.object({ uid: z.string() }), format: z.string().optional() }))
    .optional(),
});

const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  panels: z.array(panel),
  annotations: z.object({ list: z.array(z.object({ name: z.string(), expr: z.string() })) }),
  templating: z
    .object({
      list: z.array(z.object({ name: z.string(), label: z.string().optional(), query: z.unknown() })).optional(),
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

/** A panel of a dashboard. */
export type StoredPanel = StoredDashboard["panels"][number];

/** A query, and where it stands. */
export interface PlacedQuery {
  readonly place: string;
  readonly expr: string;
  /** Labels that every series of the answer must have. */
  readonly labels?: readonly string[];
}

const explorePanes = z.object({
  a: z.object({
    datasource: z.enum(["loki", "tempo"]),
    queries: z.tuple([
      z.looseObject({
        refId: z.string(),
        datasource: z.object({ type: z.string(), uid: z.string() }),
        expr: z.string().optional(),
        query: z.string().optional(),
      }),
    ]),
    range: z.object({ from: z.string(), to: z.string() }),
  }),
});

/** What a data link asks for in Explore: of which source, for what time, and what. */
export interface ExploreLink {
  readonly source: "loki" | "tempo";
  /** LogQL of Loki, TraceQL of Tempo, with Grafana's variables in it. */
  readonly query: string;
  readonly range: { readonly from: string; readonly to: string };
}

/** The links to Explore behind a panel's series, read as Explore reads its address. */
export function exploreLinksOf(panel: StoredPanel): ExploreLink[] {
  return (panel.fieldConfig?.defaults.links ?? []).map(({ url }) => {
    const address = new URL(url, "http://grafana");
    if (address.pathname !== "/explore" || address.searchParams.get("schemaVersion") !== "1") {
      throw new Error(`${panel.title}: ${url} is no address of Explore`);
    }
    const { a } = explorePanes.parse(JSON.parse(address.searchParams.get("panes") ?? ""));
    const [{ expr, query, datasource }] = a.queries;
    if (datasource.uid !== a.datasource) throw new Error(`${panel.title}: two sources in ${url}`);
    return { source: a.datasource, query: (a.datasource === "loki" ? expr : query) ?? "", range: a.range };
  });
}

/** Labels of a panel's series that its links need. */
export function linkedLabels(panel: StoredPanel): string[] {
  const names = exploreLinksOf(panel).flatMap(({ query }) =>
    [...query.matchAll(/\$\{__field\.labels\.(\w+)\}/g)].map(([, name = ""]) => name),
  );
  return [...new Set(names)];
}

/** Every query of the dashboards' panels and links that Loki or Tempo is asked, as Grafana fills in its variables. */
export function queriesOf(source: "loki" | "tempo"): PlacedQuery[] {
  const placed = readDashboards().flatMap(({ title, panels }) =>
    panels.flatMap((each) => {
      const own = (each.targets ?? []).filter(({ datasource }) => datasource.uid === source).map(({ expr }) => expr);
      const linked = exploreLinksOf(each).flatMap((link) => (link.source === source ? [link.query] : []));
      return [...own, ...linked].map((expr) => ({ place: `${title} / ${each.title}`, expr: chooseAll(expr) }));
    }),
  );
  return [...new Map(placed.map((query) => [query.expr, query])).values()];
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
        .map(({ expr }) => ({
          place: `${title} / ${each.title}`,
          expr: chooseAll(expr),
          labels: linkedLabels(each),
        })),
    ),
  );
}

/** What Grafana puts in for its variables, with "All" for those that can be chosen. */
function chooseAll(expr: string): string {
  return expr
    .replaceAll("$service", ".+")
    .replaceAll("$instance", ".+")
    .replaceAll("$__rate_interval", "1m")
    .replaceAll("$__auto", "1m")
    .replaceAll("$search", "")
    .replaceAll(/\$\{__field\.labels\.\w+\}/g, "user")
    .replaceAll("$__range", "1h");
}
