import type { DashboardBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { graph, heatmap, percentiles, quantileOf, rateOf } from "./panels";
import { startDashboard } from "./start-dashboard";

const CHOSEN = 'job="image",instance=~"$instance"';

const ORDER = 'name="mcsv.v1.UserService/ConvertImage"';
/** The trace of an order goes on until the user knows its outcome. */
const SLOW_ORDER = `${ORDER} && trace:duration>10s`;

/** Conversions of images: how many, how long, how large, at what cost. */
export function image(): DashboardBuilder {
  return startDashboard({
    uid: "image",
    title: "Image conversion",
    description: "Images to PDFs: how many, how long, how large, and what ImageMagick takes for it.",
    choose: { service: "image" },
  })
    .withPanel(
      graph({
        title: "Conversions",
        description: "Conversions a second by format and result: ok, or the code of the error.",
        unit: "ops",
        leadsTo: { service: "image", labels: ["format"], spans: 'name="magick"' },
        queries: [
          {
            expr: rateOf(`mcsv_conversion_duration_seconds_count{${CHOSEN}}`, "format", "result"),
            legend: "{{format}} {{result}}",
          },
        ],
      }),
    )
    .withPanel(
      graph({
        title: "Duration of a conversion",
        description: "In the image service, with waiting for a slot.",
        unit: "s",
        leadsTo: { service: "image", spans: "kind=server" },
        queries: percentiles(`mcsv_conversion_duration_seconds{${CHOSEN}}`),
        warnAt: 10,
      }),
    )
    .withPanel(
      graph({
        title: "From acceptance to outcome",
        description: "What who ordered the PDF waited: 99% are to take at most 30 s.",
        unit: "s",
        leadsTo: { service: "user", spans: SLOW_ORDER, slowerThan: undefined },
        queries: percentiles("mcsv_conversion_journey_duration_seconds"),
        warnAt: 10,
        badAt: 30,
      }),
    )
    .withPanel(
      heatmap({
        title: "Journeys",
        description:
          "How many orders took how long from acceptance to outcome: a row is a bucket. An order is found by when it ended and how long it took.",
        histogram: "mcsv_conversion_journey_duration_seconds",
        leadsTo: { service: "user", spans: ORDER },
      }),
    )
    .withPanel(
      heatmap({
        title: "Durations",
        description: "How many conversions took how long in the image service, with waiting for a slot.",
        histogram: `mcsv_conversion_duration_seconds{${CHOSEN}}`,
        leadsTo: { service: "image", spans: "kind=server" },
      }),
    )
    .withPanel(
      graph({
        title: "Size of sources and PDFs",
        description: "The median, and what 95% do not exceed.",
        unit: "bytes",
        queries: [
          { expr: quantileOf(0.5, `mcsv_conversion_input_size_bytes{${CHOSEN}}`), legend: "source 50%" },
          { expr: quantileOf(0.95, `mcsv_conversion_input_size_bytes{${CHOSEN}}`), legend: "source 95%" },
          { expr: quantileOf(0.5, `mcsv_conversion_output_size_bytes{${CHOSEN}}`), legend: "PDF 50%" },
          { expr: quantileOf(0.95, `mcsv_conversion_output_size_bytes{${CHOSEN}}`), legend: "PDF 95%" },
        ],
      }),
    )
    .withPanel(
      graph({
        title: "Size of a PDF by that of its source",
        description: "The median by format. Below 1 a PDF is smaller than its source.",
        unit: "percentunit",
        queries: [{ expr: quantileOf(0.5, `mcsv_conversion_compression{${CHOSEN}}`, "format"), legend: "{{format}}" }],
      }),
    )
    .withPanel(
      graph({
        title: "Pages written",
        description: "Pages a second.",
        unit: "ops",
        queries: [{ expr: rateOf(`mcsv_conversion_pages_total{${CHOSEN}}`, "format"), legend: "{{format}}" }],
      }),
    )
    .withPanel(
      graph({
        title: "Processor time of magick",
        description: "Of a run, by format: 95% take no more.",
        unit: "s",
        leadsTo: {
          service: "image",
          labels: ["format"],
          spans: "span.mcsv.magick.cpu_seconds>10",
          slowerThan: undefined,
        },
        warnAt: 10,
        badAt: 30,
        queries: [
          { expr: quantileOf(0.95, `mcsv_magick_cpu_time_seconds{${CHOSEN}}`, "format"), legend: "{{format}}" },
        ],
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Memory of magick",
        description: "Largest resident set of a run, by format: 95% take no more. It counts for the container's limit.",
        unit: "bytes",
        leadsTo: { service: "image", labels: ["format"], spans: "span.mcsv.magick.peak_memory_bytes>268435456" },
        warnAt: 256 * 1024 ** 2,
        badAt: 512 * 1024 ** 2,
        queries: [
          { expr: quantileOf(0.95, `mcsv_magick_memory_peak_bytes{${CHOSEN}}`, "format"), legend: "{{format}}" },
        ],
        width: 12,
      }),
    );
}
