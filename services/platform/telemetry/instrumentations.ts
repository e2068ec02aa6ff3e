import type { RequestOptions } from "node:http";
import { AwsInstrumentation } from "@opentelemetry/instrumentation-aws-sdk";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { RuntimeNodeInstrumentation } from "@opentelemetry/instrumentation-runtime-node";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { ATTR_URL_FULL, ATTR_URL_QUERY } from "@opentelemetry/semantic-conventions";

/** In place of a query string: a presigned URL's query is a credential. */
const REDACTED_QUERY = "REDACTED";

/**
 * The instrumentations of libraries: HTTP out, S3, and the runtime's own metrics. Requests in and statements have telemetry of our
 * own (traceRequests, ObservedPool), for every call pays for these.
 *
 * Nothing that may be secret becomes an attribute: no query strings, no SQL parameters.
 */
export function createInstrumentations() {
  return [
    new HttpInstrumentation({ disableIncomingRequestInstrumentation: true, startOutgoingSpanHook: outgoingAttributes }),
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
    // The span of the S3 operation says it all: the HTTP request inside would only repeat it.
    new AwsInstrumentation({ suppressInternalInstrumentation: true }),
    new RuntimeNodeInstrumentation(),
  ];
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
