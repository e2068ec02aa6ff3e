import { type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { Meter } from "@opentelemetry/api";

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How a request ended. refused: any 4xx but 404 and 429. unavailable: 429, 5xx, or no answer. */
type RequestResult = "ok" | "not_found" | "refused" | "unavailable" | "aborted";

/**
 * Measures every request that the client sends, until the head of its answer has come; each retry is one. URLs that are only
 * signed are none.
 */
export function measureRequests(client: S3Client, meter: Meter): void {
  const duration = meter.createHistogram("mcsv.object_store.operation.duration", {
    unit: "s",
    description: "Time of a request to the object store, until the head of its answer.",
    advice: { explicitBucketBoundaries: SECONDS },
  });
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const startedMs = performance.now();
        const operation = typeof commandName === "string" ? commandName.replace(/Command$/, "") : "unknown";
        const record = (result: RequestResult) =>
          duration.record((performance.now() - startedMs) / 1000, { operation, result });
        try {
          const output = await next(args);
          record("ok");
          return output;
        } catch (error) {
          record(resultOf(error));
          throw error;
        }
      },
    // Outside of what reads answers and throws their errors; inside of what signs and tries again.
    { step: "deserialize", priority: "high", name: "measureRequests" },
  );
}

function resultOf(error: unknown): RequestResult {
  if (error instanceof Error && error.name === "AbortError") {
    return "aborted";
  }
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  if (status === undefined || status === 429 || status >= 500) {
    return "unavailable";
  }
  return status === 404 ? "not_found" : "refused";
}
