import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "koa";
import { announcesMoreThan, readBody } from "../platform/twirp/host/read-body";
import type { EventLog } from "./event-log";
import { readAlerts } from "./read-alerts";

/** Alertmanager sends the alerts of a group in one message; a hundred of ours are a tenth of this. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * `POST /alerts`: Alertmanager's webhook. Each alert that fires or is resolved becomes an event, once. Answers 200; 401 without
 * the token as bearer credential, before the body is read; 413 to a body above 1 MiB; 400, with what is wrong, to what is no
 * message of Alertmanager's. None of these is repeated by Alertmanager.
 *
 * @param token who has it may tell of alerts
 */
export function takeAlerts(events: EventLog, token: string): (ctx: Context) => Promise<void> {
  return async (ctx) => {
    if (!isSame(ctx.get("authorization"), `Bearer ${token}`)) {
      ctx.set("www-authenticate", "Bearer");
      return refuse(ctx, 401, "unauthenticated", "POST /alerts needs the bearer token of ALERTS_TOKEN");
    }
    if (announcesMoreThan(ctx.req, MAX_BODY_BYTES)) return refuseLarge(ctx);
    const outcome = await readBody(ctx.req, MAX_BODY_BYTES);
    if (outcome.kind === "too-large") return refuseLarge(ctx);
    if (outcome.kind === "failed") throw outcome.error;
    const alerts = readAlerts(outcome.body.toString());
    if ("problem" in alerts) return refuse(ctx, 400, "invalid_argument", alerts.problem);
    const now = new Date();
    for (const event of alerts.events) events.record(event, now);
    ctx.body = {};
  };
}

function refuseLarge(ctx: Context): void {
  // What is left of the body is not waited for.
  ctx.set("connection", "close");
  refuse(ctx, 413, "resource_exhausted", `the body is larger than ${MAX_BODY_BYTES} bytes`);
}

function refuse(ctx: Context, status: number, code: string, message: string): void {
  ctx.status = status;
  ctx.body = { code, message };
}

/** In constant time: the time of an answer tells nothing of how near a guess was. */
function isSame(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}
