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

/**
 * Fetches a trace from Jaeger.
 *
 * @throws CommandError when Jaeger does not have it.
 */
export async function fetchTrace(endpoints: Endpoints, traceId: string): Promise<JaegerTrace> {
  const missing = `no trace ${traceId}: spans arrive some seconds after the work is done, and old traces are dropped`;
  const { data } = await fetchJson(endpoints, "jaeger", `/api/traces/${traceId}`, traceAnswer, missing);
  const trace = data[0];
  if (trace === undefined) throw new CommandError(missing);
  return trace;
}
