import type { Context } from "koa";

/** What a page may do beside loading scripts and styles of its own origin. */
export interface PageRights {
  /** Origins that its scripts may talk to, beside the page's own. */
  readonly connectTo?: readonly string[];
}

/**
 * Answers with a page. Whatever its scripts attempt, the browser loads nothing from elsewhere and talks to nobody but the page's
 * own origin and those named (CSP Level 3). Styles in elements are admitted, as both documentation tools make them.
 */
export function showPage(ctx: Context, html: string, { connectTo = [] }: PageRights = {}): void {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src ${["'self'", ...connectTo].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  ctx.set({
    "content-security-policy": policy.join("; "),
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  });
  ctx.type = "html";
  ctx.body = html;
}
