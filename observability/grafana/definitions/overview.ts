import { type DashboardBuilder, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { graph, quantileOf, rateOf, stat } from "./panels";
import { startDashboard } from "./start-dashboard";

const CHOSEN = 'job=~"$service",instance=~"$instance"';

/** The whole system on one page: objectives, calls, queues. */
export function overview(): DashboardBuilder {
  return startDashboard({
    uid: "overview",
    title: "System overview",
    description: "Is all well, and if not, where? Objectives, calls of every service, queues.",
    choose: "processes",
  })
    .withRow(new RowBuilder("Objectives"))
    .withPanel(
      stat({
        title: "Error budget that is left",
        description: "Of what the objective allows over the last three days. Below zero the objective is missed.",
        unit: "percentunit",
        leadsTo: { service: "user", spans: "kind=server && status=error" },
        queries: [{ expr: "1 - slo:errors:ratio_rate3d / (1 - slo:objective:ratio)", legend: "{{slo}}" }],
        warnAt: 0.5,
        badAt: 0,
        lessIsWorse: true,
        width: 16,
      }),
    )
    .withPanel(
      stat({
        title: "Alerts",
        description: "Alerts that fire now; Alertmanager shows which.",
        unit: "none",
        queries: [{ expr: 'count(ALERTS{alertstate="firing"}) or vector(0)', legend: "firing" }],
        badAt: 1,
        width: 4,
      }),
    )
    .withPanel(
      stat({
        title: "Processes up",
        description: "Part of the services' processes that answer.",
        unit: "percentunit",
        queries: [{ expr: 'avg(up{job=~"user|job|email|image|client"})', legend: "up" }],
        badAt: 1,
        lessIsWorse: true,
        width: 4,
      }),
    )
    .withPanel(
      graph({
        title: "Burn rate",
        description: "How fast the error budget is spent: at 1 it lasts for exactly 30 days. 14.4 wakes somebody up.",
        unit: "short",
        leadsTo: { service: "user", spans: "kind=server && status=error" },
        queries: [{ expr: "slo:errors:ratio_rate1h / (1 - slo:objective:ratio)", legend: "{{slo}}" }],
        warnAt: 3,
        badAt: 14.4,
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "From acceptance to PDF and to mail",
        description: "95% of those that end well are done within this time. The objective: 99% of all within 30 s.",
        unit: "s",
        leadsTo: { service: "user", spans: "kind=server && trace:duration>10s", slowerThan: undefined },
        queries: [
          { expr: quantileOf(0.95, 'mcsv_conversion_journey_duration_seconds{result="ok"}'), legend: "PDF" },
          { expr: quantileOf(0.95, 'mcsv_welcome_duration_seconds{result="ok"}'), legend: "welcome mail" },
        ],
        warnAt: 10,
        badAt: 30,
        width: 12,
      }),
    )
    .withRow(new RowBuilder("Calls"))
    .withPanel(
      graph({
        title: "Calls",
        description: "Calls a second that each service serves.",
        unit: "reqps",
        leadsTo: { spans: "kind=server" },
        queries: [{ expr: rateOf(`rpc_server_call_duration_seconds_count{${CHOSEN}}`, "job"), legend: "{{job}}" }],
      }),
    )
    .withPanel(
      graph({
        title: "Failed calls",
        description: "Part of the calls that fail through the fault of the service.",
        unit: "percentunit",
        leadsTo: { spans: "kind=server && status=error" },
        queries: [{ expr: 'job:rpc_server_errors:ratio_rate5m{job=~"$service"}', legend: "{{job}}" }],
        warnAt: 0.001,
        badAt: 0.01,
      }),
    )
    .withPanel(
      graph({
        title: "Duration of calls",
        description: "95% of the calls take no longer.",
        unit: "s",
        leadsTo: { spans: "kind=server" },
        queries: [{ expr: quantileOf(0.95, `rpc_server_call_duration_seconds{${CHOSEN}}`, "job"), legend: "{{job}}" }],
        warnAt: 0.5,
      }),
    )
    .withRow(new RowBuilder("Queues"))
    .withPanel(
      graph({
        title: "Jobs that wait",
        description: "Jobs that wait for a worker or for another attempt, by queue. The outbox is the user service's.",
        unit: "short",
        leadsTo: { labels: ["queue"] },
        warnAt: 100,
        queries: [{ expr: "queue:jobs_waiting:max", legend: "{{job}}: {{queue}}" }],
      }),
    )
    .withPanel(
      graph({
        title: "Age of the oldest job",
        description:
          "Since the oldest job that is not done could first run: waiting, running or tried again. A queue is stuck when this rises without end.",
        unit: "s",
        leadsTo: { labels: ["queue"], slowerThan: undefined },
        queries: [{ expr: "queue:oldest_job_age_seconds:max", legend: "{{job}}: {{queue}}" }],
        warnAt: 60,
        badAt: 300,
      }),
    )
    .withPanel(
      graph({
        title: "Attempts",
        description: "Attempts a second by how they ended. Only completed ones are good news.",
        unit: "ops",
        leadsTo: { service: "job", spans: "kind=consumer" },
        queries: [{ expr: "sum by (outcome) (queue:attempts:rate5m)", legend: "{{outcome}}" }],
      }),
    );
}
