import { z } from "zod";
import type { Endpoints } from "./endpoints";
import { CommandError } from "./errors";
import { fetchJson } from "./fetch-json";

const tag = z.object({ key: z.string(), value: z.unknown() });

const traceAnswer = z.object({
  data: z.array(
    z.object({
      traceID: z.string(),
      spans: z.array(
        z.object({
          spanID: z.string(),
          operationName: z.string(),
          references: z.array(z.object({ refType: z.string(), spanID: z.string() })),
          startTime: z.number(),
          duration: z.number(),
          processID: z.string(),
          tags: z.array(tag),
        }),
      ),
      processes: z.record(z.string(), z.object({ serviceName: z.string() })),
    }),
  ),
});

/** A trace as Jaeger's query API answers it; times in microseconds. */
export type JaegerTrace = z.infer<typeof traceAnswer>["data"][number];

/** The call with which a conversion begins. */
const CONVERT_IMAGE = "mcsv.v1.UserService/ConvertImage";

/**
 * Finds the trace in which a conversion was ordered.
 *
 * @throws CommandError when Jaeger has none.
 */
export async function findTraceOfConversion(endpoints: Endpoints, conversionId: string): Promise<JaegerTrace> {
  const tags = JSON.stringify({ "mcsv.conversion.id": conversionId });
  const query = new URLSearchParams({ service: "user", operation: CONVERT_IMAGE, tags });
  const missing = `${conversionId} is no job's id, and no trace of a conversion of that id is there: ${WHY_MISSING}`;
  const { data } = await fetchJson(endpoints, "jaeger", `/api/traces?${query}`, traceAnswer, missing);
  // A repeated order has a trace too; the first is the one that goes on.
  const [first] = data.toSorted((a, b) => startOf(a) - startOf(b));
  if (first === undefined) throw new CommandError(missing);
  return first;
}

function startOf({ spans }: JaegerTrace): number {
  return Math.min(...spans.map(({ startTime }) => startTime));
}

const WHY_MISSING = "spans arrive some seconds after the work is done, and old traces are dropped";

/**
 * Fetches a trace from Jaeger.
 *
 * @throws CommandError when Jaeger does not have it.
 */
export async function fetchTrace(endpoints: Endpoints, traceId: string): Promise<JaegerTrace> {
  const missing = `no trace ${traceId}: ${WHY_MISSING}`;
  const { data } = await fetchJson(endpoints, "jaeger", `/api/traces/${traceId}`, traceAnswer, missing);
  const trace = data[0];
  if (trace === undefined) throw new CommandError(missing);
  return trace;
}
