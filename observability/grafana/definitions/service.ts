import { type DashboardBuilder, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { graph, heatmap, quantileOf, rateOf, stat } from "./panels";
import { startDashboard } from "./start-dashboard";

/** What a service has beside calls that it serves. */
export interface ServiceTraits {
  readonly name: string;
  /** Whether it calls other services. */
  readonly calls: boolean;
  readonly database: boolean;
  readonly objectStore: boolean;
}

/** The five services. */
export const SERVICE_TRAITS: readonly ServiceTraits[] = [
  { name: "user", calls: true, database: true, objectStore: true },
  { name: "job", calls: true, database: true, objectStore: false },
  { name: "email", calls: false, database: true, objectStore: false },
  { name: "image", calls: false, database: false, objectStore: true },
  { name: "client", calls: false, database: false, objectStore: false },
];

/** One service: what it serves, what it asks of others, what it needs. */
export function service({ name, calls, database, objectStore }: ServiceTraits): DashboardBuilder {
  const chosen = `job="${name}",instance=~"$instance"`;
  const dashboard = startDashboard({
    uid: `service-${name}`,
    title: `Service: ${name}`,
    description: `Calls that the ${name} service serves and makes, and what it needs for them.`,
    choose: { service: name },
  });
  served(dashboard, chosen, name);
  if (calls) called(dashboard, chosen, name);
  if (database) stored(dashboard, chosen, name);
  if (objectStore) objects(dashboard, chosen, name);
  return dashboard;
}

function served(dashboard: DashboardBuilder, chosen: string, service: string): void {
  const duration = "rpc_server_call_duration_seconds";
  dashboard
    .withRow(new RowBuilder("Calls that it serves"))
    .withPanel(
      graph({
        title: "Calls",
        description: "Calls a second by method.",
        unit: "reqps",
        leadsTo: { service, labels: ["rpc_method"], spans: "kind=server" },
        queries: [{ expr: rateOf(`${duration}_count{${chosen}}`, "rpc_method"), legend: "{{rpc_method}}" }],
      }),
    )
    .withPanel(
      graph({
        title: "Answers",
        description: "Calls a second by code. internal, unavailable and deadline_exceeded are our fault.",
        unit: "reqps",
        leadsTo: { service, labels: ["rpc_status_code"], spans: "kind=server" },
        stacked: true,
        queries: [{ expr: rateOf(`${duration}_count{${chosen}}`, "rpc_status_code"), legend: "{{rpc_status_code}}" }],
      }),
    )
    .withPanel(
      graph({
        title: "Duration",
        description: "95% of a method's calls take no longer.",
        unit: "s",
        leadsTo: { service, labels: ["rpc_method"], spans: "kind=server" },
        queries: [{ expr: quantileOf(0.95, `${duration}{${chosen}}`, "rpc_method"), legend: "{{rpc_method}}" }],
        warnAt: 0.5,
      }),
    )
    .withPanel(
      heatmap({
        title: "Durations",
        description: "How many calls took how long: a row is a bucket. Two bands are two kinds of calls.",
        histogram: `${duration}{${chosen}}`,
        leadsTo: { service, spans: "kind=server" },
        width: 24,
      }),
    )
    .withRow(new RowBuilder("Processes"))
    .withPanel(
      stat({
        title: "Running",
        description: "Version and revision of each process.",
        unit: "none",
        queries: [
          {
            expr: `count by (version, revision, node_version) (mcsv_build_info{${chosen}})`,
            legend: "{{version}} {{revision}}, Node.js {{node_version}}",
          },
        ],
        width: 8,
      }),
    )
    .withPanel(
      stat({
        title: "Up since",
        description: "Time since each process started: short again and again where one crashes.",
        unit: "s",
        leadsTo: { service, slowerThan: undefined },
        warnAt: 300,
        badAt: 60,
        lessIsWorse: true,
        queries: [{ expr: `process_uptime_seconds{${chosen}}`, legend: "{{instance}}" }],
        width: 8,
      }),
    )
    .withPanel(
      stat({
        title: "Memory",
        description: "Part of the memory it may use that each process uses.",
        unit: "percentunit",
        leadsTo: { service },
        queries: [
          {
            expr: `mcsv_memory_usage_bytes{${chosen}} / mcsv_memory_limit_bytes{${chosen}}`,
            legend: "{{instance}}",
          },
        ],
        warnAt: 0.8,
        badAt: 0.9,
        width: 8,
      }),
    );
}

function called(dashboard: DashboardBuilder, chosen: string, service: string): void {
  const duration = "rpc_client_call_duration_seconds";
  dashboard
    .withRow(new RowBuilder("Calls that it makes"))
    .withPanel(
      graph({
        title: "Calls made, by answer",
        description: "Calls a second to other services, with their retries counted as one.",
        unit: "reqps",
        leadsTo: { service, labels: ["rpc_method", "rpc_status_code"], spans: "kind=client" },
        queries: [
          {
            expr: rateOf(`${duration}_count{${chosen}}`, "rpc_method", "rpc_status_code"),
            legend: "{{rpc_method}} {{rpc_status_code}}",
          },
        ],
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Duration of calls made",
        description: "95% of the calls to a method take no longer.",
        unit: "s",
        leadsTo: { service, labels: ["rpc_method"], spans: "kind=client" },
        warnAt: 1,
        queries: [{ expr: quantileOf(0.95, `${duration}{${chosen}}`, "rpc_method"), legend: "{{rpc_method}}" }],
        width: 12,
      }),
    );
}

function stored(dashboard: DashboardBuilder, chosen: string, service: string): void {
  dashboard
    .withRow(new RowBuilder("Postgres"))
    .withPanel(
      graph({
        title: "Connections in use",
        description: "Part of the connections that the pool may have. At 100% further statements wait.",
        unit: "percentunit",
        leadsTo: { service },
        queries: [
          {
            expr: `sum by (job, instance) (db_client_connections{${chosen},db_client_connection_state="used"}) / sum by (job, instance) (db_client_connection_max{${chosen}})`,
            legend: "{{instance}}",
          },
        ],
        warnAt: 0.8,
        badAt: 1,
      }),
    )
    .withPanel(
      graph({
        title: "Queries that wait for a connection",
        description: "More than none for long: the pool is exhausted.",
        unit: "short",
        leadsTo: { service },
        queries: [{ expr: `db_client_connection_pending_requests{${chosen}}`, legend: "{{instance}}" }],
        warnAt: 1,
      }),
    )
    .withPanel(
      graph({
        title: "Duration of queries",
        description: "95% of the statements of a kind take no longer.",
        unit: "s",
        leadsTo: { service, labels: ["db_operation_name"] },
        warnAt: 0.1,
        badAt: 1,
        queries: [
          {
            expr: quantileOf(0.95, `db_client_operation_duration_seconds{${chosen}}`, "db_operation_name"),
            legend: "{{db_operation_name}}",
          },
        ],
      }),
    );
}

function objects(dashboard: DashboardBuilder, chosen: string, service: string): void {
  const duration = "mcsv_object_store_operation_duration_seconds";
  dashboard
    .withRow(new RowBuilder("Object store"))
    .withPanel(
      graph({
        title: "Operations on objects",
        description: "Operations a second by how they ended.",
        unit: "ops",
        leadsTo: { service, labels: ["operation"] },
        queries: [
          {
            expr: rateOf(`${duration}_count{${chosen}}`, "operation", "result"),
            legend: "{{operation}} {{result}}",
          },
        ],
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Duration of operations",
        description: "95% of the operations of a kind take no longer.",
        unit: "s",
        leadsTo: { service, labels: ["operation"] },
        warnAt: 1,
        queries: [{ expr: quantileOf(0.95, `${duration}{${chosen}}`, "operation"), legend: "{{operation}}" }],
        width: 12,
      }),
    );
}
