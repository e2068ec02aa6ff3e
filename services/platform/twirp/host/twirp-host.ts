import { type Meter, metrics as meters } from "@opentelemetry/api";
import type Koa from "koa";
import { TwirpContentType, type TwirpError } from "twirp-ts";
import { ServerCallMetrics } from "../call-metrics";
import { codecOf } from "../media-type";
import { reportCall } from "./call-report";
import { discardBody } from "./discard-body";
import { HostedCall } from "./hosted-call";
import { badRoute, buildRoutes, isTwirpPath, noHandler, pathOf, quote, type RouteOptions } from "./routes";
import { nameUnroutedSpan, UNROUTED_METHOD } from "./server-span";
import { encodeError, statusOf } from "./wire-error";
import { writeAnswer } from "./write-answer";

/** What a host serves, to whom, and within which limits. */
export interface TwirpHostOptions extends RouteOptions {
  /** What calls are measured with. Default: the process's own. */
  readonly meter?: Meter;
}

/**
 * Serves generated Twirp servers below `/twirp`, as Twirp v7 has it and Go's server does it. Paths elsewhere go on to the next
 * middleware; every path below is answered here, unknown ones with `bad_route`.
 *
 * The raw response is written, so that what Koa does to bodies and errors costs nothing and changes nothing.
 *
 * @throws Error for services that cannot be hosted together and methods that nobody may call, RangeError for limits out of range.
 */
export function twirpHost(options: TwirpHostOptions): Koa.Middleware {
  const { logger, meter = meters.getMeter("mcsv") } = options;
  const routes = buildRoutes(options);
  const metrics = new ServerCallMetrics(meter);

  const refuse = (ctx: Koa.Context, path: string, error: TwirpError): void => {
    const startedMs = performance.now();
    const span = nameUnroutedSpan(path);
    const body = encodeError(error);
    const sizes = { requestBytes: 0, responseBytes: body.length };
    reportCall(metrics, { span, logger, method: UNROUTED_METHOD, error, thrown: error, startedMs, ...sizes });
    writeAnswer(ctx.res, statusOf(error.code), "application/json", body);
    discardBody(ctx.req);
  };

  return (ctx, next) => {
    const path = pathOf(ctx.req.url ?? "");
    if (!isTwirpPath(path)) {
      return next();
    }
    ctx.respond = false;
    const method = ctx.req.method ?? "";
    if (method !== "POST") {
      return refuse(ctx, path, badRoute(`unsupported method ${quote(method)} (only POST is allowed)`, method, path));
    }
    const route = routes.get(path);
    if (route === undefined) {
      return refuse(ctx, path, noHandler(routes, method, path));
    }
    const header = ctx.req.headers["content-type"];
    const codec = codecOf(header);
    if (codec === TwirpContentType.Unknown) {
      return refuse(ctx, path, badRoute(`unexpected Content-Type: ${quote(header ?? "")}`, method, path));
    }
    return new HostedCall(route, metrics, codec, ctx.req, ctx.res).run();
  };
}
