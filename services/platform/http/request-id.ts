import { randomUUID } from "node:crypto";
import type { Middleware } from "koa";
import { runInRequestContext } from "./request-context";

/** Header that carries the id of a request, both ways. */
const REQUEST_ID_HEADER = "x-request-id";

/** Ids of others are taken over when they are short and harmless in a log. */
const ACCEPTABLE = /^[A-Za-z0-9._:/+=-]{1,128}$/;

/** Gives every request its id, the caller's where it brings a fit one, and answers with it. */
export function requestId(): Middleware {
  return (ctx, next) => {
    const given = ctx.req.headers[REQUEST_ID_HEADER];
    const id = typeof given === "string" && ACCEPTABLE.test(given) ? given : randomUUID();
    ctx.res.setHeader(REQUEST_ID_HEADER, id);
    return runInRequestContext({ requestId: id }, next);
  };
}
