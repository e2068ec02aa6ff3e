import { describe, expect, it } from "vitest";
import { startTestApp } from "./testing/start-test-app";

const DOCS = "http://docs.example:8087";
const RPC = "/twirp/mcsv.v1.ClientService/NotifyEmailDelivered";

/** What a browser asks before it sends a call with a body in JSON. */
function preflight(url: string, origin: string): Promise<Response> {
  const headers = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
  };
  return fetch(url, { method: "OPTIONS", headers });
}

function corsHeaders({ headers }: Response): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));
}

describe("a service that grants a page's origin", () => {
  it("gives it leave to send a call with a credential, a deadline and a trace", async () => {
    const { url } = await startTestApp({ corsOrigins: ["http://other.example", DOCS] });
    const answer = await preflight(`${url}${RPC}`, DOCS);
    expect(answer.status).toBe(204);
    expect(corsHeaders(answer)).toEqual({
      "access-control-allow-origin": DOCS,
      "access-control-allow-methods": "GET,HEAD,POST",
      "access-control-allow-headers":
        "authorization,content-type,x-twirp-timeout-ms,x-request-id,traceparent,tracestate",
      "access-control-max-age": "600",
    });
  });

  it.each([RPC, "/healthz", "/openapi.json", "/nothing"])("lets it read the answer of %s", async (path) => {
    const { url } = await startTestApp({ corsOrigins: [DOCS] });
    const answer = await fetch(`${url}${path}`, { headers: { origin: DOCS } });
    expect(corsHeaders(answer)).toEqual({
      "access-control-allow-origin": DOCS,
      "access-control-expose-headers": "x-request-id,retry-after",
    });
    expect(answer.headers.get("vary")).toBe("Origin");
  });

  it.each([
    "http://docs.example",
    "https://docs.example:8087",
    "http://docs.example:80870",
    "http://evil.example",
    "null",
    `${DOCS}.evil.example`,
  ])("gives %s no leave at all", async (origin) => {
    const { url } = await startTestApp({ corsOrigins: [DOCS] });
    expect(corsHeaders(await preflight(`${url}${RPC}`, origin))).toEqual({});
    expect(corsHeaders(await fetch(`${url}/openapi.json`, { headers: { origin } }))).toEqual({});
  });

  it("answers programs, which have no origin, as ever", async () => {
    const { url } = await startTestApp({ corsOrigins: [DOCS] });
    const answer = await fetch(`${url}/healthz`);
    expect([answer.status, corsHeaders(answer)]).toEqual([200, {}]);
  });
});

describe("a service that grants no origin", () => {
  it("gives none leave", async () => {
    const { url } = await startTestApp();
    expect(corsHeaders(await preflight(`${url}${RPC}`, DOCS))).toEqual({});
    expect(corsHeaders(await fetch(`${url}/healthz`, { headers: { origin: DOCS } }))).toEqual({});
  });
});
