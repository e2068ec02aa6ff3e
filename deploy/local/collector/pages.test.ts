import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendSpans } from "./send-spans";
import { type Collector, startCollector } from "./start-collector";

describe("pages", () => {
  let collector: Collector;
  const hostile = `<img src=x onerror="alert('1')">`;
  const nowMs = Date.now();

  beforeAll(async () => {
    collector = await startCollector({ grpcPort: 0, httpPort: 0 });
  });
  afterAll(() => collector.close());

  async function page(path: string): Promise<{ status: number; html: string; headers: Headers }> {
    const answer = await fetch(`http://127.0.0.1:${collector.httpPort}${path}`);
    return { status: answer.status, html: await answer.text(), headers: answer.headers };
  }

  it("say that nothing has arrived yet", async () => {
    expect((await page("/")).html).toContain("Nothing has arrived yet");
  });

  it("list the newest traces with what they began with, and link to each and to each service", async () => {
    await sendSpans(collector.grpcPort, [
      { traceId: "a1", spanId: "1", service: "user", name: "CreateUser", startMs: nowMs, durationMs: 12 },
      { traceId: "a1", spanId: "2", parentId: "1", service: "job", name: hostile, startMs: nowMs + 6, durationMs: 6 },
      { traceId: "a2", spanId: "1", service: "image", name: "ConvertImage", startMs: nowMs + 1, isError: true },
    ]);
    const { status, html, headers } = await page("/");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(html.indexOf("image: ConvertImage")).toBeLessThan(html.indexOf("user: CreateUser"));
    expect(html).toContain(`href="/trace/${"a1".padStart(32, "0")}"`);
    expect(html).toContain("12.0 ms");
    expect(html).toContain(`href="/?service=job"`);
    const ofJob = (await page("/?service=job")).html;
    expect([ofJob.includes("user: CreateUser"), ofJob.includes("ConvertImage")]).toEqual([true, false]);
  });

  it("show a trace as a waterfall: children below and right of their parents", async () => {
    const { html } = await page("/trace/a1");
    expect(html).toContain("user: CreateUser");
    expect(html).toContain("left:0.000%;width:100.000%");
    expect(html).toContain("left:50.000%;width:50.000%");
    expect(html).toContain("padding-left:1rem");
    expect(html).toContain(`href="/api/traces/${"a1".padStart(32, "0")}?prettyPrint=true"`);
  });

  it("escape what spans carry, and allow no script", async () => {
    const { html, headers } = await page("/trace/a1");
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;img");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; style-src 'unsafe-inline'");
    const query = await page(`/?service=${encodeURIComponent(hostile)}`);
    expect(query.html).not.toContain("<img");
  });

  it("answer 404 for a trace that is not there", async () => {
    expect((await page("/trace/dead")).status).toBe(404);
    expect((await page("/trace/x")).status).toBe(404);
  });
});
