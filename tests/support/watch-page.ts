import type { Page } from "playwright-core";

/** What a page has done that it should not. */
export interface PageWatch {
  /** Errors and warnings of its console, and exceptions that nobody caught. */
  readonly complaints: readonly string[];
  /** URLs of requests that left this machine, or tried to. */
  readonly foreignRequests: readonly string[];
}

/** Follows a page from now on. */
export function watchPage(page: Page): PageWatch {
  const complaints: string[] = [];
  const foreignRequests: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    const isHere = ["data:", "blob:"].includes(url.protocol) || ["127.0.0.1", "localhost"].includes(url.hostname);
    if (!isHere) foreignRequests.push(request.url());
  });
  return { complaints, foreignRequests };
}
