import { STATUS_CODES } from "node:http";
import { trace } from "@opentelemetry/api";
import type { Middleware } from "koa";
import type { Logger } from "../logging/create-logger";
import { recordFailure } from "../telemetry/record-failure";

/** Answers what nobody answered, and what failed unforeseen, with a small JSON body that tells nothing of the inside. */
export function jsonErrors(logger: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (ctx.headerSent || !ctx.writable) {
        // Too late for an answer: the connection is all that can be ended.
        logger.error(`${ctx.method} ${ctx.path} failed while it answered`, { error });
        ctx.res.destroy();
        return;
      }
      const status = statusOf(error);
      if (status >= 500) {
        logger.error(`${ctx.method} ${ctx.path} failed`, { error });
        const span = trace.getActiveSpan();
        if (span !== undefined) {
          recordFailure(span, error);
        }
      }
      ctx.status = status;
      ctx.body = { code: status >= 500 ? "internal" : "bad_request", message: messageOf(error, status) };
      return;
    }
    const { status } = ctx;
    if (status >= 400 && (ctx.body === undefined || ctx.body === null) && ctx.respond !== false) {
      const { code, message } = describeStatus(status, `${ctx.method} ${ctx.path}`);
      ctx.body = { code, message };
      // Giving Koa a body makes it think that all is well.
      ctx.status = status;
    }
  };
}

function describeStatus(status: number, request: string): { code: string; message: string } {
  switch (status) {
    case 404:
      return { code: "not_found", message: `there is nothing at ${request}` };
    case 405:
      return { code: "method_not_allowed", message: `${request} is not allowed; the header allow names what is` };
    default:
      return { code: "error", message: STATUS_CODES[status] ?? "error" };
  }
}

/** The status of an error made by `ctx.throw(4xx, …)`; 500 of any other. */
function statusOf(error: unknown): number {
  const status = isExposed(error) ? error.status : 500;
  return Number.isInteger(status) && status >= 400 && status < 500 ? status : 500;
}

function messageOf(error: unknown, status: number): string {
  return status < 500 && isExposed(error) ? error.message : "internal error";
}

function isExposed(error: unknown): error is Error & { status: number } {
  return error instanceof Error && "expose" in error && error.expose === true && "status" in error;
}
