import type { IncomingMessage, RequestOptions } from "node:http";
import type { Span } from "@opentelemetry/api";
import { AwsInstrumentation } from "@opentelemetry/instrumentation-aws-sdk";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import { RuntimeNodeInstrumentation } from "@opentelemetry/instrumentation-runtime-node";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { WinstonInstrumentation } from "@opentelemetry/instrumentation-winston";
import { ATTR_RPC_METHOD, ATTR_URL_FULL, ATTR_URL_QUERY } from "@opentelemetry/semantic-conventions";

/** Asked by probes and scrapers every few seconds: a span for each would bury the others. */
const UNTRACED_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** In place of a query string: a presigned URL's query is a credential. */
const REDACTED_QUERY = "REDACTED";

/**
 * The instrumentations of a service: HTTP in and out, Postgres, S3, logs, and the runtime's own metrics.
 *
 * Koa is left out: a span for each layer costs more CPU than a small handler itself, and the server span takes its
 * name from the RPC. Nothing that may be secret becomes an attribute: no query strings, no SQL parameters.
 */
export function createInstrumentations() {
  return [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: (request) => UNTRACED_PATHS.has(pathOf(request.url ?? "/")),
      startIncomingSpanHook: incomingAttributes,
      startOutgoingSpanHook: outgoingAttributes,
      applyCustomAttributesOnSpan: nameByRpc,
    }),
    new UndiciInstrumentation({
      startSpanHook: ({ origin, path }) => {
        const query = path.indexOf("?");
        return query === -1
          ? {}
          : {
              [ATTR_URL_FULL]: `${origin}${path.slice(0, query)}?${REDACTED_QUERY}`,
              [ATTR_URL_QUERY]: REDACTED_QUERY,
            };
      },
    }),
    // Queries outside a trace are a queue's polling; opening a connection says nothing about the request that waits.
    new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true, enhancedDatabaseReporting: false }),
    // The span of the S3 operation says it all: the HTTP request inside would only repeat it.
    new AwsInstrumentation({ suppressInternalInstrumentation: true }),
    // Trace and span ids are put into log lines; the lines themselves go to stdout only.
    new WinstonInstrumentation({ disableLogSending: true }),
    new RuntimeNodeInstrumentation(),
  ];
}

function pathOf(url: string): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

function incomingAttributes({ url = "/" }: IncomingMessage) {
  return url.includes("?") ? { [ATTR_URL_QUERY]: REDACTED_QUERY } : {};
}

function outgoingAttributes({ protocol, host, hostname, port, path }: RequestOptions) {
  const query = path?.indexOf("?") ?? -1;
  if (path === null || path === undefined || query === -1) {
    return {};
  }
  const authority = hostname ?? host ?? "localhost";
  const suffix = port === undefined || port === null || port === "" ? "" : `:${port}`;
  return { [ATTR_URL_FULL]: `${protocol ?? "http:"}//${authority}${suffix}${path.slice(0, query)}?${REDACTED_QUERY}` };
}

/** As it ends, the instrumentation names a server span by its route; ours keeps the RPC's name, where it has one. */
function nameByRpc(span: Span): void {
  const attributes = "attributes" in span ? (span.attributes as Record<string, unknown>) : {};
  const method = attributes[ATTR_RPC_METHOD];
  if (typeof method === "string" && method !== "_OTHER") {
    span.updateName(method);
  }
}
