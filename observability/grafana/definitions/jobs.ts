import { type DashboardBuilder, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { graph, quantileOf, rateOf, stat } from "./panels";
import { startDashboard } from "./start-dashboard";

const CHOSEN = 'job=~"$service",instance=~"$instance"';
const QUEUE = "{{job}}: {{queue}}";

/** The queues of the job service, and those of the user service's outbox. */
export function jobs(): DashboardBuilder {
  return startDashboard({
    uid: "jobs",
    title: "Jobs",
    description:
      "Which queue grows, which is stuck, what fails? Queues of the job service and the user service's outbox.",
    choose: "processes",
  })
    .withPanel(
      graph({
        title: "Jobs by state",
        description:
          "ready: may run; retrying: wait for another attempt; deferred: not due yet; active: run now; failed: for good.",
        unit: "short",
        leadsTo: { labels: ["queue"] },
        queries: [{ expr: 'queue:jobs:max{job=~"$service"}', legend: `${QUEUE} {{state}}` }],
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Age of the oldest job",
        description:
          "Since the oldest job that is not done could first run: waiting, running or tried again. A queue is stuck when this rises without end.",
        unit: "s",
        leadsTo: { labels: ["queue"], slowerThan: undefined },
        queries: [{ expr: 'queue:oldest_job_age_seconds:max{job=~"$service"}', legend: QUEUE }],
        warnAt: 60,
        badAt: 300,
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Wait",
        description: "From when a job might have run until it ran: 95% waited no longer.",
        unit: "s",
        leadsTo: { labels: ["queue"], spans: "span.mcsv.job.wait_ms>10000", slowerThan: undefined },
        queries: [
          { expr: quantileOf(0.95, `mcsv_queue_wait_duration_seconds{${CHOSEN}}`, "job", "queue"), legend: QUEUE },
        ],
        warnAt: 10,
      }),
    )
    .withPanel(
      graph({
        title: "Attempts",
        description: "Attempts a second by how they ended: retried, failed (for good), snoozed, handed_back, lost.",
        unit: "ops",
        leadsTo: { labels: ["queue"], spans: "kind=consumer" },
        queries: [
          {
            expr: rateOf(`mcsv_queue_attempt_duration_seconds_count{${CHOSEN}}`, "job", "queue", "outcome"),
            legend: `${QUEUE} {{outcome}}`,
          },
        ],
      }),
    )
    .withPanel(
      graph({
        title: "Duration of attempts",
        description: "95% of the attempts take no longer.",
        unit: "s",
        leadsTo: { labels: ["queue"], spans: "kind=consumer" },
        warnAt: 10,
        badAt: 60,
        queries: [
          { expr: quantileOf(0.95, `mcsv_queue_attempt_duration_seconds{${CHOSEN}}`, "job", "queue"), legend: QUEUE },
        ],
      }),
    )
    .withRow(new RowBuilder("What went wrong, what comes back"))
    .withPanel(
      stat({
        title: "Dead letters in this time",
        description: "Jobs that failed for good. `mcsv queues redrive` lets them run again.",
        unit: "short",
        leadsTo: { labels: ["queue"], spans: "status=error" },
        queries: [
          {
            expr: `sum by (job, queue) (increase(mcsv_queue_dead_letters_total{${CHOSEN}}[$__range]))`,
            legend: QUEUE,
          },
        ],
        badAt: 1,
        width: 8,
      }),
    )
    .withPanel(
      graph({
        title: "Callbacks",
        description: "From the outcome being known to the client having acknowledged it: 95% take no longer.",
        unit: "s",
        leadsTo: { service: "user", spans: "kind=consumer" },
        queries: [{ expr: quantileOf(0.95, "mcsv_callback_lag_seconds", "kind"), legend: "{{kind}}" }],
        warnAt: 10,
        badAt: 60,
        width: 16,
      }),
    );
}
