import { DashboardLinkBuilder, DashboardLinkType } from "@grafana/grafana-foundation-sdk/dashboard";

/** Labels of series that logs and spans have too: as what field of a log line, and as what attribute of a span. */
const LABELS = {
  rpc_method: { field: "rpc_method", attribute: "span.rpc.method" },
  rpc_status_code: { field: "code", attribute: "span.rpc.status_code" },
  queue: { field: "queue", attribute: "span.messaging.destination.name" },
  format: { field: "format", attribute: "span.mcsv.image.format" },
  operation: { field: undefined, attribute: "span.rpc.method" },
  db_operation_name: { field: undefined, attribute: "span.db.operation.name" },
} as const;

/** Such a label. */
export type LinkedLabel = keyof typeof LABELS;

/** What the logs and traces are about that a panel leads to. */
export interface LinkScope {
  /** A service; undefined: the one that the series' label `job` names. */
  readonly service?: string | undefined;
  /** Labels of the panel's series that narrow it down. */
  readonly labels?: readonly LinkedLabel[];
  /** Only spans that took longer, in seconds. */
  readonly slowerThan?: number | undefined;
  /** More conditions of TraceQL: `name = "magick"`. */
  readonly spans?: string;
}

/**
 * Data links to Explore, for the time that the dashboard shows: the service's lines in Loki, and its spans in Tempo. A click on
 * a line or a cell offers them.
 */
export function exploreLinks(scope: LinkScope): DashboardLinkBuilder[] {
  return [exploreLink("Logs", "loki", { expr: logQl(scope), queryType: "range" }), traceLink("Traces", traceQl(scope))];
}

/** A data link to what TraceQL finds. */
export function traceLink(title: string, query: string): DashboardLinkBuilder {
  return exploreLink(title, "tempo", { query, queryType: "traceql", limit: 20, tableType: "traces" });
}

function logQl({ service, labels = [] }: LinkScope): string {
  const conditions = labels.flatMap((label) => {
    const { field } = LABELS[label];
    return field === undefined ? [] : [` | ${field}="${labelValue(label)}"`];
  });
  const lines = `{service="${service ?? labelValue("job")}", level=~".+"}`;
  return conditions.length === 0 ? lines : `${lines} | json${conditions.join("")}`;
}

function traceQl({ service, labels = [], slowerThan, spans }: LinkScope): string {
  const conditions = [
    `resource.service.name="${service ?? labelValue("job")}"`,
    ...labels.map((label) => `${LABELS[label].attribute}="${labelValue(label)}"`),
    ...(spans === undefined ? [] : [spans]),
    ...(slowerThan === undefined ? [] : [`duration>${slowerThan * 1000}ms`]),
  ];
  return `{${conditions.join(" && ")}}`;
}

/** Grafana puts the value of the series' label in. */
function labelValue(label: LinkedLabel | "job"): string {
  return `\${__field.labels.${label}}`;
}

/** The address of Explore is described at https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#share-explore-urls. */
function exploreLink(title: string, uid: "loki" | "tempo", query: object): DashboardLinkBuilder {
  const pane = {
    datasource: uid,
    queries: [{ refId: "A", datasource: { type: uid, uid }, ...query }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills them in
    range: { from: "${__from}", to: "${__to}" },
  };
  // Grafana does not see its variables when they are encoded.
  const panes = encodeURIComponent(JSON.stringify({ a: pane })).replaceAll(
    /%24%7B([\w.]+)%7D/g,
    (_, name) => `\${${name}}`,
  );
  return new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .url(`/explore?schemaVersion=1&panes=${panes}&orgId=1`)
    .targetBlank(true);
}
