import type { DashboardBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { graph, rateOf } from "./panels";
import { startDashboard } from "./start-dashboard";

/** What it costs to watch the system. */
export function telemetryCost(): DashboardBuilder {
  return startDashboard({
    uid: "telemetry-cost",
    title: "Telemetry cost",
    description:
      "What metrics, traces and logs cost: series, samples, spans, bytes, and the memory of what keeps them.",
    choose: "nothing",
  })
    .withPanel(
      graph({
        title: "Series by process",
        description: "Samples in each scrape. A number that rises without end is a label that is not bounded.",
        unit: "short",
        queries: [{ expr: "sum by (job) (scrape_samples_scraped)", legend: "{{job}}" }],
        stacked: true,
      }),
    )
    .withPanel(
      graph({
        title: "Duration of scrapes",
        description: "Time that a process takes to answer Prometheus.",
        unit: "s",
        queries: [{ expr: "max by (job) (scrape_duration_seconds)", legend: "{{job}}" }],
        warnAt: 0.5,
      }),
    )
    .withPanel(
      graph({
        title: "New series",
        description: "Series that appeared in a scrape. After a start this is zero.",
        unit: "short",
        queries: [{ expr: "sum by (job) (scrape_series_added)", legend: "{{job}}" }],
      }),
    )
    .withPanel(
      graph({
        title: "Series that Prometheus keeps",
        description: "Series in memory.",
        unit: "short",
        queries: [{ expr: 'prometheus_tsdb_head_series{job="prometheus"}', legend: "series" }],
      }),
    )
    .withPanel(
      graph({
        title: "Samples",
        description: "Samples that Prometheus takes in a second.",
        unit: "ops",
        queries: [{ expr: rateOf("prometheus_tsdb_head_samples_appended_total"), legend: "samples" }],
      }),
    )
    .withPanel(
      graph({
        title: "Rules",
        description: "Time that the evaluation of each group of rules takes.",
        unit: "s",
        queries: [
          {
            expr: 'label_replace(prometheus_rule_group_last_duration_seconds, "group", "$1", "rule_group", ".+;(.+)")',
            legend: "{{group}}",
          },
        ],
      }),
    )
    .withPanel(
      graph({
        title: "Memory",
        description: "Resident set of what keeps metrics, traces and logs.",
        unit: "bytes",
        queries: [
          {
            expr: 'process_resident_memory_bytes{job=~"prometheus|alertmanager|tempo|loki|jaeger|promtail|grafana"}',
            legend: "{{job}}",
          },
        ],
        stacked: true,
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Spans that are sent",
        description: "Spans a second that the collector took.",
        unit: "ops",
        queries: [{ expr: rateOf('otel_sdk_processor_span_processed_total{error_type=""}', "job"), legend: "{{job}}" }],
        stacked: true,
      }),
    )
    .withPanel(
      graph({
        title: "Spans that are lost",
        description:
          "Spans a second that the collector did not take, by error; queue_full: they came faster than they could be sent.",
        unit: "ops",
        queries: [
          {
            expr: rateOf('otel_sdk_processor_span_processed_total{error_type!=""}', "job", "error_type"),
            legend: "{{job}} {{error_type}}",
          },
        ],
        warnAt: 0.01,
      }),
    )
    .withPanel(
      graph({
        title: "Spans that wait",
        description: "Part of the room for spans that is taken. At 100% further ones are lost.",
        unit: "percentunit",
        queries: [
          {
            expr: "max by (job) (otel_sdk_processor_span_queue_size / otel_sdk_processor_span_queue_capacity)",
            legend: "{{job}}",
          },
        ],
        warnAt: 0.8,
      }),
    )
    .withPanel(
      graph({
        title: "Spans and log bytes",
        description:
          "Spans a second that Tempo takes, and bytes of logs a second that Loki takes (stack in containers).",
        unit: "short",
        queries: [
          { expr: rateOf("tempo_distributor_spans_received_total"), legend: "spans" },
          { expr: rateOf("loki_distributor_bytes_received_total"), legend: "bytes of logs" },
        ],
        width: 12,
      }),
    );
}
