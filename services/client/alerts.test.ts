import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type StartedRoutes, startRoutes } from "./testing/start-routes";

const TOKEN = "a-token";
const STARTED = "2026-01-01T00:00:00.5Z";

/** One alert as Alertmanager's webhook message has it. */
function alert(changes: object = {}) {
  return {
    status: "firing",
    labels: { alertname: "TargetDown", severity: "critical", service: "email" },
    annotations: {
      summary: "The email service is down",
      description: "No scrape.",
      runbook_url: "docs/runbooks/TargetDown.md",
    },
    startsAt: STARTED,
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL: "http://prometheus/graph",
    fingerprint: "0123456789abcdef",
    ...changes,
  };
}

describe("POST /alerts", () => {
  let routes: StartedRoutes;

  beforeEach(async () => {
    routes = await startRoutes({ capacity: 5, alertsToken: TOKEN });
  });
  afterEach(() => routes.stop());

  function post(body: string, authorization = `Bearer ${TOKEN}`): Promise<Response> {
    return fetch(`${routes.origin}/alerts`, { method: "POST", headers: { authorization }, body });
  }

  const message = (...alerts: object[]) => JSON.stringify({ version: "4", receiver: "critical", alerts });

  it("makes an event of each alert that fires or is resolved, however often it is told", async () => {
    const resolved = alert({ status: "resolved", endsAt: "2026-01-01T00:05:00Z" });
    for (const alerts of [[alert()], [alert(), alert({ fingerprint: "ff" })], [resolved], [resolved]]) {
      expect((await post(message(...alerts))).status).toBe(200);
    }
    expect(routes.events.after(0).map(({ kind, key }) => [kind, key])).toEqual([
      ["alert-firing", `0123456789abcdef ${STARTED} firing`],
      ["alert-firing", `ff ${STARTED} firing`],
      ["alert-resolved", `0123456789abcdef ${STARTED} resolved`],
    ]);
    expect(routes.events.after(0)[0]?.data).toEqual({
      alertId: `0123456789abcdef ${STARTED}`,
      name: "TargetDown",
      severity: "critical",
      service: "email",
      summary: "The email service is down",
      description: "No scrape.",
      startsAt: STARTED,
      runbookUrl: "/runbooks/TargetDown",
    });
    expect(routes.events.after(0)[2]?.data).toMatchObject({ endsAt: "2026-01-01T00:05:00Z" });
  });

  it("leads to the runbook, which it serves, and to nothing that is no web page", async () => {
    const withRunbook = (fingerprint: string, runbook_url: string) =>
      alert({ fingerprint, annotations: { runbook_url } });
    await post(
      message(
        withRunbook("a1", "https://example.com/repository/docs/runbooks/QueueStuck.md"),
        withRunbook("a2", "https://wiki.example.com/x"),
        withRunbook("a3", "javascript:alert(1)"),
      ),
    );
    const urls = routes.events.after(0).map(({ data }) => data["runbookUrl"]);
    expect(urls).toEqual(["/runbooks/QueueStuck", "https://wiki.example.com/x", undefined]);
    const runbook = await fetch(`${routes.origin}/runbooks/QueueStuck`);
    expect(runbook.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await runbook.text()).toContain("# QueueStuck");
    expect((await fetch(`${routes.origin}/runbooks/..%2F..%2Fpackage`)).status).toBe(404);
  });

  it("keeps little of an alert that is long, and of many alerts the latest", async () => {
    const long = "x".repeat(100_000);
    const labels = { alertname: long, severity: long, service: long, other: long };
    await post(message(alert({ labels, annotations: { summary: long, description: long, runbook_url: long } })));
    expect(JSON.stringify(routes.events.after(0)[0]?.data).length).toBeLessThan(5_000);
    await post(message(...[1, 2, 3, 4, 5, 6].map((fingerprint) => alert({ fingerprint: `${fingerprint}` }))));
    expect(routes.events.after(0).map(({ key }) => key[0])).toEqual(["2", "3", "4", "5", "6"]);
  });

  it.each(["", "Bearer another", `Basic ${TOKEN}`, TOKEN])("refuses the credential %j", async (authorization) => {
    const answer = await post(message(alert()), authorization);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await answer.json()).toMatchObject({ code: "unauthenticated" });
    expect(routes.events.after(0)).toEqual([]);
  });

  it.each([
    ["{", "the body is not JSON"],
    ["[]", /^the body: /],
    [JSON.stringify({ version: "3", alerts: [] }), /^version: /],
    [message(alert(), alert({ status: "odd" })), /^alerts\.1\.status: .*firing/],
    [message(alert({ startsAt: "yesterday" })), /^alerts\.0\.startsAt: /],
    [message(alert({ fingerprint: "<b>" })), "alerts.0.fingerprint: must be hexadecimal digits"],
  ])("says what is wrong with %s", async (body, problem) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      code: "invalid_argument",
      message: typeof problem === "string" ? problem : expect.stringMatching(problem),
    });
    expect(routes.events.after(0)).toEqual([]);
  });

  it("refuses a large body by its announced length, and one in chunks as soon as it is too large", async () => {
    const head = `POST /alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
    const chunk = `100000\r\n${"x".repeat(0x10_0000)}\r\n`;
    for (const rest of ["Content-Length: 1073741824\r\n\r\n", `Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`]) {
      const socket = connect(Number(new URL(routes.origin).port), "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(`${head}${rest}`);
      const answer = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
      expect(answer).toMatch(/^HTTP\/1.1 413 .*"code":"resource_exhausted"/s);
      socket.destroy();
    }
  });

  it("is not there without a token", async () => {
    await routes.stop();
    routes = await startRoutes({ capacity: 5, alertsToken: undefined });
    expect((await post(message(alert()))).status).toBe(404);
  });
});
