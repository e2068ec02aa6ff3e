import { type DashboardBuilder, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { graph, quantileOf, rateOf, stat } from "./panels";
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
  served(dashboard, chosen);
  if (calls) called(dashboard, chosen);
  if (database) stored(dashboard, chosen);
  if (objectStore) objects(dashboard, chosen);
  return dashboard;
}

function served(dashboard: DashboardBuilder, chosen: string): void {
  const duration = "rpc_server_call_duration_seconds";
  dashboard
    .withRow(new RowBuilder("Calls that it serves"))
    .withPanel(
      graph({
        title: "Calls",
        description: "Calls a second by method.",
        unit: "reqps",
        queries: [{ expr: rateOf(`${duration}_count{${chosen}}`, "rpc_method"), legend: "{{rpc_method}}" }],
      }),
    )
    .withPanel(
      graph({
        title: "Answers",
        description: "Calls a second by code. internal, unavailable and deadline_exceeded are our fault.",
        unit: "reqps",
        stacked: true,
        queries: [{ expr: rateOf(`${duration}_count{${chosen}}`, "rpc_status_code"), legend: "{{rpc_status_code}}" }],
      }),
    )
    .withPanel(
      graph({
        title: "Duration",
        description: "95% of a method's calls take no longer.",
        unit: "s",
        queries: [{ expr: quantileOf(0.95, `${duration}{${chosen}}`, "rpc_method"), legend: "{{rpc_method}}" }],
        warnAt: 0.5,
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
        queries: [{ expr: `process_uptime_seconds{${chosen}}`, legend: "{{instance}}" }],
        width: 8,
      }),
    )
    .withPanel(
      stat({
        title: "Memory",
        description: "Part of the memory it may use that each process uses.",
        unit: "percentunit",
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

function called(dashboard: DashboardBuilder, chosen: string): void {
  const duration = "rpc_client_call_duration_seconds";
  dashboard
    .withRow(new RowBuilder("Calls that it makes"))
    .withPanel(
      graph({
        title: "Calls made, by answer",
        description: "Calls a second to other services, with their retries counted as one.",
        unit: "reqps",
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
        queries: [{ expr: quantileOf(0.95, `${duration}{${chosen}}`, "rpc_method"), legend: "{{rpc_method}}" }],
        width: 12,
      }),
    );
}

function stored(dashboard: DashboardBuilder, chosen: string): void {
  dashboard
    .withRow(new RowBuilder("Postgres"))
    .withPanel(
      graph({
        title: "Connections",
        description: "Connections of the pool, and how many there may be.",
        unit: "short",
        queries: [
          {
            expr: `sum by (db_client_connection_state) (db_client_connections{${chosen}})`,
            legend: "{{db_client_connection_state}}",
          },
          { expr: `sum(db_client_connection_max{${chosen}})`, legend: "most" },
        ],
      }),
    )
    .withPanel(
      graph({
        title: "Queries that wait for a connection",
        description: "More than none for long: the pool is exhausted.",
        unit: "short",
        queries: [{ expr: `db_client_connection_pending_requests{${chosen}}`, legend: "{{instance}}" }],
        warnAt: 1,
      }),
    )
    .withPanel(
      graph({
        title: "Duration of queries",
        description: "95% of the statements of a kind take no longer.",
        unit: "s",
        queries: [
          {
            expr: quantileOf(0.95, `db_client_operation_duration_seconds{${chosen}}`, "db_operation_name"),
            legend: "{{db_operation_name}}",
          },
        ],
      }),
    );
}

function objects(dashboard: DashboardBuilder, chosen: string): void {
  const duration = "mcsv_object_store_operation_duration_seconds";
  dashboard
    .withRow(new RowBuilder("Object store"))
    .withPanel(
      graph({
        title: "Operations on objects",
        description: "Operations a second by how they ended.",
        unit: "ops",
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
        queries: [{ expr: quantileOf(0.95, `${duration}{${chosen}}`, "operation"), legend: "{{operation}}" }],
        width: 12,
      }),
    );
}
