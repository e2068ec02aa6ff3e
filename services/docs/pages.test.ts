import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startTestApp } from "../platform/http/testing/start-test-app";
import { NOWHERE, type RunningDocs, startDocs } from "./testing/start-docs";

let docs: RunningDocs;

beforeAll(async () => {
  docs = await startDocs();
});

afterAll(() => docs.stop());

async function getPage(url: string): Promise<{ status: number; html: string; policy: string }> {
  const answer = await fetch(url);
  return {
    status: answer.status,
    html: await answer.text(),
    policy: answer.headers.get("content-security-policy") ?? "",
  };
}

/** The URLs that a page loads or leads to. */
function linksOf(html: string): string[] {
  return [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, url = ""]) => url);
}

describe("the page of Swagger UI", () => {
  it("may talk to the servers that the specs name, and to nobody else", async () => {
    const { url } = await startTestApp({ publicUrl: "https://api.example/client" });
    const { swaggerUi, stop } = await startDocs({ client: url });
    onTestFinished(stop);
    const { status, html, policy } = await getPage(`${swaggerUi}/`);
    expect(status).toBe(200);
    expect(policy).toContain(`connect-src 'self' ${NOWHERE} https://api.example;`);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(html).toContain('data-services="user job email image client"');
  });
});

describe("the pages of Redoc", () => {
  it("list every spec with a link to it", async () => {
    const { status, html } = await getPage(`${docs.redoc}/`);
    expect(status).toBe(200);
    for (const service of ["user", "job", "email", "image", "client"]) {
      expect(html).toContain(`href="/?url=specs/${service}.yaml"`);
    }
    expect(html).toContain(">User Service</a> <code>mcsv.v1.UserService</code>");
  });

  it.each(["specs/user.yaml", "/specs/user.yaml", "./specs/user.yaml", "specs/user.json"])(
    "show the spec that the query names: %s",
    async (spec) => {
      const { status, html, policy } = await getPage(`${docs.redoc}/?url=${spec}`);
      expect(status).toBe(200);
      expect(html).toContain("<title>mcsv: User Service</title>");
      expect(html).toContain(`data-spec="/specs/user.${spec.endsWith("json") ? "json" : "yaml"}"`);
      expect(policy).toContain("connect-src 'self';");
    },
  );

  it.each([
    "https://evil.example/specs/user.yaml",
    "//evil.example/x",
    "specs/none.yaml",
    "",
    "<script>alert(1)</script>",
  ])("show no other: %j", async (spec) => {
    const { status, html } = await getPage(`${docs.redoc}/?url=${encodeURIComponent(spec)}`);
    expect(status).toBe(404);
    expect(html).toContain("There is no spec at");
    expect(html).not.toContain("<script");
    expect(linksOf(html).filter((url) => !url.startsWith("/") || url.startsWith("//"))).toEqual([]);
  });
});

describe("what the pages load", () => {
  it("is all here", async () => {
    for (const page of [`${docs.swaggerUi}/`, `${docs.redoc}/`, `${docs.redoc}/?url=specs/user.yaml`]) {
      for (const path of linksOf((await getPage(page)).html)) {
        expect((await fetch(new URL(path, page))).status, path).toBe(200);
      }
    }
  });

  it("is kept by browsers and not sent again while it is the same", async () => {
    const first = await fetch(`${docs.redoc}/assets/redoc.standalone.js`);
    expect(first.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    // Redoc's own bundle would load a logo from there.
    expect((await first.text()).includes("https://cdn.redoc.ly")).toBe(false);
    // With a Cache-Control of its own, fetch() leaves out the "no-cache" that would ask for the whole.
    const headers = { "if-none-match": first.headers.get("etag") ?? "", "cache-control": "max-age=0" };
    expect((await fetch(first.url, { headers })).status).toBe(304);
  });
});
