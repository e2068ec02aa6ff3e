import type Koa from "koa";
import { TwirpContentType, type TwirpError } from "twirp-ts";
import { codecOf } from "../media-type";
import { discardBody } from "./discard-body";
import { HostedCall } from "./hosted-call";
import { badRoute, buildRoutes, isTwirpPath, noHandler, pathOf, quote, type RouteOptions } from "./routes";
import { nameUnroutedSpan, recordOutcome } from "./server-span";
import { encodeError, statusOf } from "./wire-error";
import { writeAnswer } from "./write-answer";

/** What a host serves, to whom, and within which limits. */
export type TwirpHostOptions = RouteOptions;

/**
 * Serves generated Twirp servers below `/twirp`, as Twirp v7 has it and Go's server does it. Paths elsewhere go on to the next
 * middleware; every path below is answered here, unknown ones with `bad_route`.
 *
 * The raw response is written, so that what Koa does to bodies and errors costs nothing and changes nothing.
 *
 * @throws Error for services that cannot be hosted together and methods that nobody may call, RangeError for limits out of range.
 */
export function twirpHost(options: TwirpHostOptions): Koa.Middleware {
  const routes = buildRoutes(options);

  const refuse = (ctx: Koa.Context, path: string, error: TwirpError): void => {
    recordOutcome(nameUnroutedSpan(path), error);
    writeAnswer(ctx.res, statusOf(error.code), "application/json", encodeError(error));
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
    return new HostedCall(route, codec, ctx.req, ctx.res).run();
  };
}
