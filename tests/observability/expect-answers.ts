import { expect } from "vitest";
import { z } from "zod";
import type { PlacedQuery } from "./read-dashboards";

/** PromQL that is empty when all is well; everything else has to show something. */
export const EMPTY_WHEN_WELL: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /^ALERTS\{/, why: "no alert fires" },
  { pattern: /mcsv_build_info offset 1m/, why: "nothing was deployed in the last minute" },
  { pattern: /mcsv_queue_dead_letters_total/, why: "no job failed for good" },
  { pattern: /span_processed_total\{error_type!=""\}/, why: "no span was lost" },
];

/** What Prometheus and Loki answer to a query: the labels of a series are its metric, those of lines their stream. */
const answer = z.object({
  status: z.string(),
  error: z.string().optional(),
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()).optional() })) }).optional(),
});

/** Asks for one query, and gives the body of the answer, an error's too. */
export type Ask = (expr: string) => Promise<unknown>;

/** Asks a Prometheus how things are now. */
export function askPrometheus(url: string): Ask {
  return async (query) => {
    const response = await fetch(`${url}/api/v1/query`, { method: "POST", body: new URLSearchParams({ query }) });
    return response.json();
  };
}

/**
 * Asks all of them, and those again that were empty: what answers may have to look another time at what it watches.
 * Fails with the place of each query that is an error, stays empty, or has a series without a label that a link needs.
 *
 * @param mayBeEmpty patterns of queries whose answer may be empty
 */
export async function expectAnswers(
  ask: Ask,
  queries: readonly PlacedQuery[],
  { mayBeEmpty, timeoutMs }: { readonly mayBeEmpty: readonly RegExp[]; readonly timeoutMs: number },
): Promise<void> {
  const complaint = async ({ place, expr, labels = [] }: PlacedQuery) => {
    const { status, error, data } = answer.parse(await ask(expr));
    if (status !== "success") return [`${place}: ${error}: ${expr}`];
    const isFine = (data?.result.length ?? 0) > 0 || mayBeEmpty.some((pattern) => pattern.test(expr));
    if (!isFine) return [`${place}: empty: ${expr}`];
    const missing = labels.filter((label) => data?.result.some(({ metric }) => metric?.[label] === undefined));
    return missing.map((label) => `${place}: a link needs ${label}, which a series lacks: ${expr}`);
  };
  let open = queries;
  await expect
    .poll(
      async () => {
        const complaints = await Promise.all(open.map(complaint));
        open = open.filter((_, index) => complaints[index]?.length);
        return complaints.flat();
      },
      { timeout: timeoutMs, interval: 500 },
    )
    .toEqual([]);
}
