import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Router from "koa-router";
import { takeAlerts } from "./alert-routes";
import { type EventStreamOptions, streamEvents } from "./event-stream";

/** What the routes are made of. */
export interface RouteOptions extends EventStreamOptions {
  /** The bearer token of `POST /alerts`; without it there is no such route. */
  readonly alertsToken?: string | undefined;
}

/** Beside services/ here and below dist/. */
const RUNBOOKS = join(__dirname, "../../docs/runbooks");

/**
 * What is no RPC: `GET /`, the page that shows callbacks and alerts live, `GET /events`, which feeds it, `POST /alerts`, which
 * takes Alertmanager's, and `GET /runbooks/<alert>`, to which the page's alerts lead.
 */
export function createRoutes(options: RouteOptions): Router {
  const page = readFileSync(join(__dirname, "page.html"), "utf8");
  const policy = contentSecurityPolicy(page);
  const runbooks = readRunbooks();
  const router = new Router();
  router.get("/", (ctx) => {
    ctx.set({
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    ctx.type = "html";
    ctx.body = page;
  });
  router.get("/events", (ctx) => streamEvents(ctx, options));
  if (options.alertsToken !== undefined) router.post("/alerts", takeAlerts(options.events, options.alertsToken));
  router.get("/runbooks/:name", (ctx) => {
    const runbook = runbooks.get(ctx.params["name"] ?? "");
    if (runbook === undefined) return;
    ctx.set("x-content-type-options", "nosniff");
    ctx.type = "text/plain";
    ctx.body = runbook;
  });
  return router;
}

/** The runbooks by the name of their alert. */
function readRunbooks(): ReadonlyMap<string, string> {
  const names = readdirSync(RUNBOOKS).filter((name) => name.endsWith(".md"));
  return new Map(names.map((name) => [name.replace(/\.md$/, ""), readFileSync(join(RUNBOOKS, name), "utf8")]));
}

/** Admits the page's own script and style, by their hashes, and nothing else. */
function contentSecurityPolicy(page: string): string {
  const hashOf = (element: string): string => {
    const text = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page)?.[1] ?? "";
    return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  };
  return `default-src 'none'; connect-src 'self'; script-src ${hashOf("script")}; style-src ${hashOf("style")}; base-uri 'none'`;
}
