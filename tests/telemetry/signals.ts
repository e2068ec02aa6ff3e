import { z } from "zod";
import type { LocalStack } from "../../deploy/local/stack/start-stack";
import { logOf } from "./drive-stack";

const tag = z.object({ key: z.string(), value: z.unknown() });

const traceAnswer = z.object({
  data: z.array(
    z.object({
      spans: z.array(
        z.object({
          traceID: z.string(),
          spanID: z.string(),
          operationName: z.string(),
          references: z.array(z.object({ refType: z.string(), spanID: z.string() })),
          processID: z.string(),
          tags: z.array(tag),
          logs: z.array(z.object({ fields: z.array(tag) })),
        }),
      ),
      processes: z.record(z.string(), z.object({ serviceName: z.string() })),
    }),
  ),
});

/** A span that has reached the collector. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  /** Undefined for the first span of a trace. */
  readonly parentId: string | undefined;
  /** Names of its attributes, without what Jaeger's model adds. */
  readonly attributes: readonly string[];
  readonly events: readonly ReceivedEvent[];
}

/** What happened within a span. */
export interface ReceivedEvent {
  readonly name: string;
  /** Names of its attributes. */
  readonly attributes: readonly string[];
}

/** Names that stand for other parts of a span in Jaeger's model. */
const JAEGER_TAGS = /^(error|span\.kind|otel\..*)$/;

/** All spans of a service that the collector has, with those of other services in the same traces. */
export async function spansAround(stack: LocalStack, service: string): Promise<ReceivedSpan[]> {
  const answer = await fetch(`${stack.urls.jaeger}/api/traces?service=${service}&limit=1000`);
  const { data } = traceAnswer.parse(await answer.json());
  return data.flatMap(({ spans, processes }) =>
    spans.map(({ traceID, spanID, operationName, references, processID, tags, logs }) => ({
      traceId: traceID,
      spanId: spanID,
      service: processes[processID]?.serviceName ?? "",
      name: operationName,
      kind: String(tags.find(({ key }) => key === "span.kind")?.value ?? ""),
      parentId: references.find(({ refType }) => refType === "CHILD_OF")?.spanID,
      attributes: tags.map(({ key }) => key).filter((key) => !JAEGER_TAGS.test(key)),
      events: logs.map(({ fields }) => ({
        name: String(fields.find(({ key }) => key === "event")?.value ?? ""),
        attributes: fields.map(({ key }) => key).filter((key) => key !== "event"),
      })),
    })),
  );
}

/** A metric as a service exposes it. */
export interface ExposedMetric {
  readonly type: string;
  /** As OpenTelemetry writes it; empty where it has none. */
  readonly unit: string;
  /** Names of the labels of any of its series. */
  readonly labels: ReadonlySet<string>;
  /** Sum over all series: of the values, or of a histogram's counts. */
  readonly total: number;
}

/** Labels that every series has, and those of a histogram's buckets. */
const COMMON_LABELS = /^(otel_scope_(name|version)|le)$/;

/** The metrics of a service by name, as `/metrics` answers them. */
export async function exposedMetrics(serviceUrl: string): Promise<Map<string, ExposedMetric>> {
  const text = await (await fetch(`${serviceUrl}/metrics`)).text();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => [name, type]));
  const units = new Map([...text.matchAll(/^# UNIT (\S+) (\S+)$/gm)].map(([, name = "", unit = ""]) => [name, unit]));
  const metrics = new Map<string, { type: string; unit: string; labels: Set<string>; total: number }>();
  for (const [, series = "", labels = "", value = ""] of text.matchAll(/^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)$/gm)) {
    const name = metricOf(series, types);
    const metric = metrics.get(name) ?? {
      type: types.get(name) ?? "",
      unit: units.get(name) ?? "",
      labels: new Set<string>(),
      total: 0,
    };
    for (const [, label = ""] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) {
      if (!COMMON_LABELS.test(label)) {
        metric.labels.add(label);
      }
    }
    metric.total += series === name || series === `${name}_count` ? Number(value) : 0;
    metrics.set(name, metric);
  }
  return metrics;
}

/** The name of the metric that a series belongs to. */
export function metricOf(series: string, types: { has(name: string): boolean }): string {
  return types.has(series) ? series : series.replace(/_(bucket|sum|count)$/, "");
}

/** Lines that a service has logged. */
export function loggedLines(stack: LocalStack, service: string): Record<string, unknown>[] {
  const lines = logOf(stack, service).split("\n");
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What docs/telemetry.md calls the type of a logged value. */
export function loggedType(value: unknown): string {
  if (Array.isArray(value)) return "list";
  return typeof value === "string" ? "text" : typeof value;
}
