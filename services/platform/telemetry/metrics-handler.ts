import type { Middleware } from "koa";
import { currentTelemetry } from "./telemetry-handle";

const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Answers `GET /metrics` with this process's metrics in Prometheus' text format; everything else goes on. Where
 * telemetry is disabled the answer is a comment and no metric, so that a scraper still sees that the service is up.
 */
export function metricsMiddleware(): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== "/metrics" || (ctx.method !== "GET" && ctx.method !== "HEAD")) {
      await next();
      return;
    }
    const text = (await currentTelemetry()?.metrics()) ?? "# telemetry is disabled (OTEL_SDK_DISABLED)\n";
    ctx.type = PROMETHEUS_TEXT;
    ctx.body = text;
  };
}
