import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Router from "koa-router";
import { type EventStreamOptions, streamEvents } from "./event-stream";

/** What is no RPC: `GET /`, the page that shows the callbacks live, and `GET /events`, which feeds it. */
export function createRoutes(events: EventStreamOptions): Router {
  const page = readFileSync(join(__dirname, "page.html"), "utf8");
  const policy = contentSecurityPolicy(page);
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
  router.get("/events", (ctx) => streamEvents(ctx, events));
  return router;
}

/** Admits the page's own script and style, by their hashes, and nothing else. */
function contentSecurityPolicy(page: string): string {
  const hashOf = (element: string): string => {
    const text = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page)?.[1] ?? "";
    return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  };
  return `default-src 'none'; connect-src 'self'; script-src ${hashOf("script")}; style-src ${hashOf("style")}; base-uri 'none'`;
}
