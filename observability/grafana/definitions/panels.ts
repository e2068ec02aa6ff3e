import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  CellValuesBuilder,
  FilterValueRangeBuilder,
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapTooltipBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { PanelBuilder as LogsBuilder } from "@grafana/grafana-foundation-sdk/logs";
import { DataqueryBuilder as LokiQuery } from "@grafana/grafana-foundation-sdk/loki";
import { DataqueryBuilder as PrometheusQuery, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { exploreLinks, type LinkScope } from "./explore-links";

/** Data sources by the uid that provisioning gives them. */
export const PROMETHEUS = { type: "prometheus", uid: "prometheus" };
export const LOKI = { type: "loki", uid: "loki" };

/** Units of Grafana that the dashboards use. */
export type Unit = "s" | "reqps" | "ops" | "percentunit" | "bytes" | "short" | "Bps" | "none";

/** One query of a panel. */
export interface Query {
  /** PromQL. */
  readonly expr: string;
  /** Name of each series, with its labels as {{label}}. */
  readonly legend: string;
}

/** What a panel over time or of a single number shows. */
export interface PanelOptions {
  readonly title: string;
  /** What one sees, and what to make of it. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** From where on a value is a warning, and from where on it is bad. */
  readonly warnAt?: number;
  readonly badAt?: number;
  /** Whether less is worse: then the limits are those that a value falls below. */
  readonly lessIsWorse?: boolean;
  /** Whether the series add up to something. */
  readonly stacked?: boolean;
  /** The logs and traces that a click leads to, which are slower than `warnAt` where that is a time. */
  readonly leadsTo?: LinkScope;
  /** Width in columns of 24; default 8. */
  readonly width?: number;
}

/** Lines over time. */
export function graph(options: PanelOptions): Builder<Panel> {
  const panel = new TimeseriesBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(PROMETHEUS)
    .unit(options.unit)
    .min(0)
    .fillOpacity(options.stacked ? 30 : 8)
    .span(options.width ?? 8)
    .height(8)
    .thresholds(thresholds(options))
    .dataLinks(links(options));
  if (options.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (options.badAt !== undefined || options.warnAt !== undefined) {
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return withQueries(panel, options.queries);
}

/** The newest value of each series, as a number. */
export function stat(options: PanelOptions): Builder<Panel> {
  const panel = new StatBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(PROMETHEUS)
    .unit(options.unit)
    .span(options.width ?? 6)
    .height(5)
    .thresholds(thresholds(options))
    .dataLinks(links(options));
  return withQueries(panel, options.queries);
}

/** What a heatmap shows: how many observations of a histogram fell into each bucket in each step of time. */
export interface HeatmapOptions extends Pick<PanelOptions, "title" | "description" | "leadsTo" | "width"> {
  /** Name of the histogram, in seconds, and the labels that are asked for: `name{label="value"}`. */
  readonly histogram: string;
}

/** Durations as a heatmap: a row for each bucket, the number of observations as color. */
export function heatmap({ title, description, histogram, leadsTo, width }: HeatmapOptions): Builder<Panel> {
  const [name = "", labels = ""] = histogram.split(/(?=\{)/);
  const expr = `sum by (le) (increase(${name}_bucket${labels}[$__rate_interval]))`;
  return new HeatmapBuilder()
    .title(title)
    .description(description)
    .datasource(PROMETHEUS)
    .unit("short")
    .span(width ?? 12)
    .height(9)
    .calculate(false)
    .yAxis(new YAxisConfigBuilder().unit("s"))
    .cellValues(new CellValuesBuilder().unit("short").decimals(1))
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme("Spectral").steps(64))
    .filterValues(new FilterValueRangeBuilder().le(1e-9))
    .tooltip(new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).yHistogram(true))
    .dataLinks(leadsTo === undefined ? [] : exploreLinks(leadsTo))
    .withTarget(
      new PrometheusQuery()
        .expr(expr)
        .legendFormat("{{le}}")
        .format(PromQueryFormat.Heatmap)
        .refId("A")
        .datasource(PROMETHEUS),
    );
}

/** Log lines, newest first. @param expr LogQL. */
export function logLines(title: string, description: string, expr: string): Builder<Panel> {
  return new LogsBuilder()
    .title(title)
    .description(description)
    .datasource(LOKI)
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .span(24)
    .height(18)
    .withTarget(new LokiQuery().expr(expr).datasource(LOKI).refId("A"));
}

/** Lines over time that are counted from logs. @param expr LogQL. */
export function logGraph(
  title: string,
  description: string,
  expr: string,
  legend: string,
  limits: Pick<PanelOptions, "warnAt" | "badAt"> = {},
): Builder<Panel> {
  return new TimeseriesBuilder()
    .title(title)
    .description(description)
    .datasource(LOKI)
    .unit("short")
    .min(0)
    .span(12)
    .height(8)
    .thresholds(thresholds(limits))
    .withTarget(new LokiQuery().expr(expr).legendFormat(legend).datasource(LOKI).refId("A"));
}

/**
 * Queries of a histogram's median, 95th and 99th percentile over all its series.
 *
 * @param selector name of the histogram and the labels that are asked for: `name{label="value"}`
 */
export function percentiles(selector: string): Query[] {
  return [0.5, 0.95, 0.99].map((quantile) => ({
    expr: quantileOf(quantile, selector),
    legend: `${quantile * 100}%`,
  }));
}

/** PromQL of one percentile of a histogram, for each value of the labels `by`. */
export function quantileOf(quantile: number, selector: string, ...by: readonly string[]): string {
  const [name = "", labels = ""] = selector.split(/(?=\{)/);
  return `histogram_quantile(${quantile}, sum by (${["le", ...by].join(", ")}) (rate(${name}_bucket${labels}[$__rate_interval])))`;
}

/** PromQL of a counter's rate a second, for each value of the labels `by`. */
export function rateOf(counter: string, ...by: readonly string[]): string {
  return `sum${by.length === 0 ? "" : ` by (${by.join(", ")})`} (rate(${counter}[$__rate_interval]))`;
}

interface Targeted extends Builder<Panel> {
  withTarget(target: PrometheusQuery): Targeted;
}

function withQueries(panel: Targeted, queries: readonly Query[]): Builder<Panel> {
  for (const [index, { expr, legend }] of queries.entries()) {
    const refId = String.fromCharCode("A".charCodeAt(0) + index);
    panel.withTarget(new PrometheusQuery().expr(expr).legendFormat(legend).refId(refId).datasource(PROMETHEUS));
  }
  return panel;
}

function links({ leadsTo, unit, warnAt }: PanelOptions) {
  if (leadsTo === undefined) return [];
  return exploreLinks({ slowerThan: unit === "s" ? warnAt : undefined, ...leadsTo });
}

function thresholds({
  warnAt,
  badAt,
  lessIsWorse,
}: Pick<PanelOptions, "warnAt" | "badAt" | "lessIsWorse">): ThresholdsConfigBuilder {
  const limits = [
    ...(warnAt === undefined ? [] : [{ value: warnAt, color: "orange" }]),
    ...(badAt === undefined ? [] : [{ value: badAt, color: "red" }]),
  ];
  const steps: Threshold[] = lessIsWorse
    ? [
        { value: null, color: badAt === undefined ? "orange" : "red" },
        ...(badAt === undefined ? [] : [{ value: badAt, color: warnAt === undefined ? "green" : "orange" }]),
        ...(warnAt === undefined ? [] : [{ value: warnAt, color: "green" }]),
      ]
    : [{ value: null, color: "green" }, ...limits];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}
