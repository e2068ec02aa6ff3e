import { z } from "zod";
import { composeStack, getJson } from "./stack";

/** One series of a PromQL answer. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

const vector = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

/** Asks the stack's Prometheus how things are now. */
export async function promql(query: string): Promise<Sample[]> {
  const url = `${composeStack().url("PROMETHEUS")}/api/v1/query?query=${encodeURIComponent(query)}`;
  return vector.parse(await getJson(url)).data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

/** A log line with its labels and structured metadata. */
export interface LogLine {
  readonly labels: Readonly<Record<string, string>>;
  readonly line: string;
}

const streams = z.object({
  data: z.object({
    result: z.array(
      z.object({ stream: z.record(z.string(), z.string()), values: z.array(z.tuple([z.string(), z.string()])) }),
    ),
  }),
});

/** Asks the stack's Loki for lines of the last hour. */
export async function logLines(query: string): Promise<LogLine[]> {
  const { data } = streams.parse(await logql(query));
  return data.result.flatMap(({ stream, values }) => values.map(([, line]) => ({ labels: stream, line })));
}

/** Asks the stack's Loki about the last hour, of lines or of what is counted from them. */
export function logql(query: string): Promise<unknown> {
  const now = Date.now();
  const range = { start: `${now - 3_600_000}000000`, end: `${now + 60_000}000000`, step: "60s", limit: "1000" };
  return getJson(`${composeStack().url("LOKI")}/loki/api/v1/query_range?${new URLSearchParams({ ...range, query })}`);
}

/** Names of the services that a trace went through, as Jaeger has it; empty while it has none. */
export async function servicesInJaeger(traceId: string): Promise<string[]> {
  const answer = z.object({
    data: z.array(z.object({ processes: z.record(z.string(), z.object({ serviceName: z.string() })) })),
  });
  const response = await fetch(`${composeStack().url("JAEGER")}/api/traces/${traceId}`);
  if (response.status === 404) return [];
  const { data } = answer.parse(await response.json());
  return [...new Set(Object.values(data[0]?.processes ?? {}).map(({ serviceName }) => serviceName))].sort();
}

/** Ids of the traces that Tempo finds by a TraceQL query. */
export async function traceql(query: string): Promise<string[]> {
  const found = z.object({ traces: z.array(z.object({ traceID: z.string() })) });
  const { traces } = found.parse(
    await getJson(`${composeStack().url("TEMPO")}/api/search?${new URLSearchParams({ q: query })}`),
  );
  // Tempo leaves out leading zeros.
  return traces.map(({ traceID }) => traceID.padStart(32, "0"));
}

/** Names of the services that a trace went through, as Tempo has it; empty while it has none. */
export async function servicesInTempo(traceId: string): Promise<string[]> {
  const attribute = z.object({ key: z.string(), value: z.object({ stringValue: z.string().optional() }) });
  const answer = z.object({
    trace: z.object({
      resourceSpans: z.array(z.object({ resource: z.object({ attributes: z.array(attribute) }) })).default([]),
    }),
  });
  const response = await fetch(`${composeStack().url("TEMPO")}/api/v2/traces/${traceId}`, {
    headers: { accept: "application/json" },
  });
  if (response.status === 404) return [];
  const { trace } = answer.parse(await response.json());
  const names = trace.resourceSpans.flatMap(({ resource }) =>
    resource.attributes.filter(({ key }) => key === "service.name").map(({ value }) => value.stringValue ?? ""),
  );
  return [...new Set(names)].sort();
}

/** Where logs and traces are asked for. */
export type Source = "loki" | "tempo";

const matrix = z.object({ data: z.object({ result: z.array(z.unknown()) }) });

/** How many streams, series or traces a query finds. It rejects when the source does not understand it. */
export async function countFound(source: Source, query: string): Promise<number> {
  return source === "tempo" ? (await traceql(query)).length : matrix.parse(await logql(query)).data.result.length;
}
