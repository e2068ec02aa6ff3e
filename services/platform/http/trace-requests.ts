import type { IncomingMessage } from "node:http";
import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from "@opentelemetry/semantic-conventions";
import type { Middleware } from "koa";
import { processTelemetry, type Telemetry } from "../telemetry/process-telemetry";
import { currentRequest } from "./request-context";

/** Bounds of durations in seconds: those of the semantic conventions for HTTP. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Asked by probes and scrapers every few seconds: a span for each would bury the others. */
const UNTRACED_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** Methods that may be a name or a label; there is no end to the others. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]);
const OTHER_METHOD = "_OTHER";

/** In place of a query string, which may hold a credential. */
const REDACTED_QUERY = "REDACTED";

/** The header Host: an IPv6 address in brackets or a name, and a port. */
const HOST = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/;

/** Of an exchange that ended before it was answered. */
const UNANSWERED = "unanswered";

/**
 * A server span and a duration for every request, by the semantic conventions for HTTP, in the caller's trace where the request
 * brings one. Whoever serves the request may rename the span and note its route (noteRoute).
 *
 * Must come after the request id. In place of OpenTelemetry's instrumentation of `node:http`, which parses two URLs and rebinds every
 * listener of every request: each call pays for it.
 */
export function traceRequests(telemetry: Telemetry = processTelemetry()): Middleware {
  const { tracer, meter } = telemetry;
  const duration = meter.createHistogram(METRIC_HTTP_SERVER_REQUEST_DURATION, {
    unit: "s",
    description: "Time of an HTTP request that was served.",
    advice: { explicitBucketBoundaries: SECONDS },
  });
  return (ctx, next) => {
    const { req, res } = ctx;
    const { path, query } = splitUrl(req.url ?? "/");
    if (UNTRACED_PATHS.has(path)) {
      return context.with(suppressTracing(context.active()), next);
    }
    const startedMs = performance.now();
    const request = currentRequest();
    const method = METHODS.has(req.method ?? "") ? (req.method ?? "") : OTHER_METHOD;
    const parent = propagation.extract(ROOT_CONTEXT, req.headers);
    const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parent);
    const common = {
      [ATTR_HTTP_REQUEST_METHOD]: method,
      [ATTR_URL_SCHEME]: "http",
      [ATTR_NETWORK_PROTOCOL_VERSION]: req.httpVersion,
    };
    if (span.isRecording()) {
      span.setAttributes(common).setAttributes(partiesOf(req)).setAttribute(ATTR_URL_PATH, path);
      if (query) {
        span.setAttribute(ATTR_URL_QUERY, REDACTED_QUERY);
      }
    }
    res.once("close", () => {
      const outcome = outcomeOf(res.headersSent ? res.statusCode : undefined);
      const route = request?.route === undefined ? {} : { [ATTR_HTTP_ROUTE]: request.route };
      duration.record((performance.now() - startedMs) / 1000, { ...common, ...outcome, ...route });
      endSpan(span, outcome, route);
    });
    return context.with(trace.setSpan(parent, span), next);
  };
}

function splitUrl(url: string): { path: string; query: boolean } {
  const query = url.indexOf("?");
  return query === -1 ? { path: url, query: false } : { path: url.slice(0, query), query: true };
}

/** Who asks whom. */
function partiesOf({ headers, socket }: IncomingMessage): Attributes {
  const attributes: Attributes = {};
  const [, address, port] = HOST.exec(headers.host ?? "") ?? [];
  if (address) attributes[ATTR_SERVER_ADDRESS] = address;
  if (port) attributes[ATTR_SERVER_PORT] = Number(port);
  if (socket.remoteAddress) attributes[ATTR_CLIENT_ADDRESS] = socket.remoteAddress;
  if (headers["user-agent"]) attributes[ATTR_USER_AGENT_ORIGINAL] = headers["user-agent"];
  return attributes;
}

/** @param status undefined when nothing was answered */
function outcomeOf(status: number | undefined): Attributes {
  if (status === undefined) {
    return { [ATTR_ERROR_TYPE]: UNANSWERED };
  }
  return {
    [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
    ...(status >= 500 ? { [ATTR_ERROR_TYPE]: String(status) } : {}),
  };
}

/** An RPC's span knows its error better than HTTP does. */
function endSpan(span: Span, outcome: Attributes, route: Attributes): void {
  if (span.isRecording()) {
    const { [ATTR_ERROR_TYPE]: errorType, ...others } = outcome;
    span.setAttributes(others);
    if (Object.keys(route).length > 0) {
      span.setAttributes(route);
    } else if (errorType !== undefined) {
      span.setAttribute(ATTR_ERROR_TYPE, errorType);
      if (errorType !== UNANSWERED) {
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
    }
  }
  span.end();
}
