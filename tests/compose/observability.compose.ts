import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { projectDirectory } from "../../deploy/local/project-directory";
import { ConversionStatus } from "../../gen/client/mcsv/v1/user";
import { connect } from "../../services/client/cli/clients";
import { createUsers } from "../../services/client/cli/commands/users-create";
import { createOutput } from "../../services/client/cli/output";
import { type PlacedQuery, queriesOf } from "../observability/read-dashboards";
import { questionQueries } from "../observability/read-questions";
import { countFound, logLines, promql, type Source, servicesInJaeger, servicesInTempo, traceql } from "./support/ask";
import { convert } from "./support/convert";
import { composeStack, getJson } from "./support/stack";

const SERVICES = ["client", "email", "job", "user"];

/** One user's welcome mail: a trace through four services and two queues. */
describe("a welcome mail", () => {
  let traceId: string;
  let userId: string;
  let conversionId: string;

  beforeAll(async () => {
    const { endpoints, apiKey } = composeStack();
    const clients = connect(endpoints, { concurrency: 1, apiKey });
    const output = createOutput(process, true);
    const options = { count: 1, concurrency: 1, name: "Grace Hopper", waitMs: 60_000 };
    const [created] = await createUsers(clients, options, output);
    userId = created?.user?.id ?? "";
    const { job } = await clients.jobs.GetJob({ jobId: created?.user?.welcomeJobId ?? "" });
    await clients.asUser(userId).ListConversions({
      userId: "",
      status: ConversionStatus.CONVERSION_STATUS_UNSPECIFIED,
      pageSize: 1,
      pageToken: "",
    });
    clients.close();
    traceId = job?.traceId ?? "";
    const badge = readFileSync(join(projectDirectory(), "deploy/local/demo/images/badge.png"));
    conversionId = (await convert("badge.png", badge)).id;
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it("is found in Jaeger, through all services", async () => {
    await expect.poll(() => servicesInJaeger(traceId)).toEqual(SERVICES);
  });

  it("is found in Tempo, by its id and by TraceQL", async () => {
    await expect.poll(() => servicesInTempo(traceId)).toEqual(SERVICES);
    await expect
      .poll(() => traceql(`{ trace:id = "${traceId}" && resource.service.name = "email" }`))
      .toEqual([traceId]);
  });

  it("is found in Loki, by the trace id, in the logs of every service that it went through", async () => {
    const services = async () => {
      const lines = await logLines(`{service=~".+"} | trace_id="${traceId}"`);
      return [...new Set(lines.map(({ labels }) => labels["service"]))].sort();
    };
    await expect.poll(services).toEqual(SERVICES);
  });

  it("answers every question that docs/telemetry.md puts to Loki and Tempo", async () => {
    const fillIn = (query: string) =>
      query
        .replaceAll("<trace id>", traceId)
        .replaceAll("<user id>", userId)
        .replaceAll("<conversion id>", conversionId)
        .replaceAll("<queue>", "email")
        .replaceAll("<service>", "user");
    // Nothing failed, and nothing was slow.
    const mayBeEmpty = /level=~"warn\|error"|status = error|duration > /;
    const isAnswered = ([source, { place, expr }]: readonly [Source, PlacedQuery]) =>
      expect
        .poll(async () => mayBeEmpty.test(expr) || (await countFound(source, fillIn(expr))) > 0, { message: place })
        .toBe(true);
    const asked = [
      ...questionQueries("logql").map((query) => ["loki", query] as const),
      ...questionQueries("traceql").map((query) => ["tempo", query] as const),
    ];
    for (const [source, { expr }] of asked) await countFound(source, fillIn(expr));
    await Promise.all(asked.map(isAnswered));
  });

  it("counts in Tempo's span metrics and in the service graph", async () => {
    const value = (query: string) => async () => (await promql(query))[0]?.value ?? 0;
    await expect.poll(value('sum(traces_spanmetrics_calls_total{service="email"})')).toBeGreaterThan(0);
    const edge = 'sum(traces_service_graph_request_total{client="job",server="email"})';
    await expect.poll(value(edge)).toBeGreaterThan(0);
  });
});

describe("the dashboards", () => {
  it.each(["loki", "tempo"] as const)(
    "ask %s nothing that it does not understand, in no panel and by no link",
    async (source) => {
      const queries = queriesOf(source);
      expect(queries.length).toBeGreaterThan(10);
      for (const { place, expr } of queries)
        await expect(countFound(source, expr), `${place}: ${expr}`).resolves.toBeDefined();
    },
  );
});

describe("Prometheus", () => {
  it("scrapes everything that it is told to", async () => {
    await expect.poll(async () => (await promql("up")).length).toBeGreaterThan(10);
    const down = async () => (await promql("up == 0")).map(({ metric }) => metric["job"]);
    await expect.poll(down).toEqual([]);
  });

  it("hands its alerts to Alertmanager, which shows them and tells the client service", async () => {
    const { url, endpoints } = composeStack();
    const managers = z.object({ data: z.object({ activeAlertmanagers: z.array(z.unknown()) }) });
    const { data } = managers.parse(await getJson(`${url("PROMETHEUS")}/api/v1/alertmanagers`));
    expect(data.activeAlertmanagers).toHaveLength(1);
    const alert = [{ labels: { alertname: "ComposeTest", severity: "critical" } }];
    const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(alert) };
    expect((await fetch(`${url("ALERTMANAGER")}/api/v2/alerts`, request)).status).toBe(200);
    await expect
      .poll(async () => JSON.stringify(await getJson(`${url("ALERTMANAGER")}/api/v2/alerts`)))
      .toContain("ComposeTest");
    const events = await fetch(`${endpoints.client}/events`, { signal: AbortSignal.timeout(60_000) });
    let text = "";
    for await (const chunk of events.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (/^event: alert-firing\ndata: .*ComposeTest/m.test(text)) break;
    }
    expect(text).toContain("ComposeTest");
  }, 90_000);
});

describe("Grafana", () => {
  it("has its data sources, each of which answers, and shows them to a viewer who is not logged in", async () => {
    const { url, secret } = composeStack();
    const authorization = `Basic ${Buffer.from(`admin:${secret("grafana-admin-password")}`).toString("base64")}`;
    for (const uid of ["prometheus", "loki", "tempo", "jaeger"]) {
      const check = () => fetch(`${url("GRAFANA")}/api/datasources/uid/${uid}/health`, { headers: { authorization } });
      await expect.poll(async () => (await check()).status, { message: uid }).toBe(200);
    }
    expect((await fetch(`${url("GRAFANA")}/api/search`)).status).toBe(200);
  });
});
