import type { DashboardBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { graph, quantileOf } from "./panels";
import { startDashboard } from "./start-dashboard";

const CHOSEN = 'job=~"$service",instance=~"$instance"';
const PROCESS = "{{job}} {{instance}}";

/** Node.js and the process: event loop, heap, garbage collection, processor, memory. */
export function runtime(): DashboardBuilder {
  return startDashboard({
    uid: "runtime",
    title: "Node.js runtime",
    description: "Why is a process slow or large? Event loop, heap, garbage collection, processor, memory.",
    choose: "processes",
  })
    .withPanel(
      graph({
        title: "Event loop delay",
        description: "One turn in a hundred comes later than this. What waits for the event loop waits as long.",
        unit: "s",
        leadsTo: {},
        queries: [{ expr: `nodejs_eventloop_delay_p99_seconds{${CHOSEN}}`, legend: PROCESS }],
        warnAt: 0.1,
        badAt: 0.5,
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Event loop utilization",
        description: "Part of the time in which the event loop works. Near 1 the process can do no more.",
        unit: "percentunit",
        leadsTo: {},
        queries: [{ expr: `nodejs_eventloop_utilization_ratio{${CHOSEN}}`, legend: PROCESS }],
        warnAt: 0.7,
        badAt: 0.9,
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Processors",
        description: "Processors that a process uses; without those of its children such as magick.",
        unit: "short",
        leadsTo: {},
        queries: [
          {
            expr: `sum by (job, instance) (rate(process_cpu_time_seconds_total{${CHOSEN}}[$__rate_interval]))`,
            legend: PROCESS,
          },
        ],
        warnAt: 0.8,
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Memory",
        description: "Part of the memory it may use that a process uses; in a container, with all that runs beside it.",
        unit: "percentunit",
        leadsTo: {},
        queries: [
          {
            expr: `mcsv_memory_usage_bytes{${CHOSEN}} / mcsv_memory_limit_bytes{${CHOSEN}}`,
            legend: PROCESS,
          },
        ],
        warnAt: 0.8,
        badAt: 0.9,
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Resident set",
        description: "Physical memory of a process.",
        unit: "bytes",
        leadsTo: {},
        queries: [{ expr: `process_memory_usage_bytes{${CHOSEN}}`, legend: PROCESS }],
      }),
    )
    .withPanel(
      graph({
        title: "Heap in use",
        description: "Objects of JavaScript. A saw-tooth whose lower end rises for hours is a leak.",
        unit: "bytes",
        leadsTo: {},
        queries: [{ expr: `sum by (job, instance) (v8js_memory_heap_used_bytes{${CHOSEN}})`, legend: PROCESS }],
      }),
    )
    .withPanel(
      graph({
        title: "Garbage collection",
        description: "Part of the time in which garbage is collected.",
        unit: "percentunit",
        leadsTo: {},
        queries: [
          {
            expr: `sum by (job, instance) (rate(v8js_gc_duration_seconds_sum{${CHOSEN}}[$__rate_interval]))`,
            legend: PROCESS,
          },
        ],
        warnAt: 0.1,
        badAt: 0.2,
      }),
    )
    .withPanel(
      graph({
        title: "Pauses",
        description: "95% of the garbage collections of a kind take no longer.",
        unit: "s",
        leadsTo: {},
        warnAt: 0.05,
        badAt: 0.5,
        queries: [
          {
            expr: quantileOf(0.95, `v8js_gc_duration_seconds{${CHOSEN}}`, "job", "v8js_gc_type"),
            legend: "{{job}} {{v8js_gc_type}}",
          },
        ],
      }),
    )
    .withPanel(
      graph({
        title: "Active resources",
        description: "Sockets, timers and the like that keep a process alive. What only ever rises is a leak.",
        unit: "short",
        leadsTo: {},
        queries: [{ expr: `sum by (job, instance) (v8js_resource_active{${CHOSEN}})`, legend: PROCESS }],
      }),
    )
    .withPanel(
      graph({
        title: "Free temporary disk",
        description: "Part of the file system with the temporary directory that is free.",
        unit: "percentunit",
        leadsTo: {},
        queries: [
          {
            expr: `mcsv_temporary_disk_available_bytes{${CHOSEN}} / mcsv_temporary_disk_size_bytes{${CHOSEN}}`,
            legend: PROCESS,
          },
        ],
        warnAt: 0.2,
        badAt: 0.1,
        lessIsWorse: true,
      }),
    )
    .withPanel(
      graph({
        title: "Free disk",
        description:
          "Part of the file system with the root directory that is free: in containers the engine's, with its volumes.",
        unit: "percentunit",
        queries: [
          {
            expr: `mcsv_root_disk_available_bytes{${CHOSEN}} / mcsv_root_disk_size_bytes{${CHOSEN}}`,
            legend: PROCESS,
          },
        ],
        warnAt: 0.2,
        badAt: 0.1,
        lessIsWorse: true,
      }),
    );
}
