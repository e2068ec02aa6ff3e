import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { connect } from "../../services/client/cli/clients";
import { createUsers } from "../../services/client/cli/commands/users-create";
import { createOutput } from "../../services/client/cli/output";
import { logLines, promql, servicesInJaeger, servicesInTempo, traceql } from "./support/ask";
import { composeStack, getJson } from "./support/stack";

const SERVICES = ["client", "email", "job", "user"];

/** One user's welcome mail: a trace through four services and two queues. */
describe("a welcome mail", () => {
  let traceId: string;

  beforeAll(async () => {
    const { endpoints, apiKey } = composeStack();
    const clients = connect(endpoints, { concurrency: 1, apiKey });
    const output = createOutput(process, true);
    const options = { count: 1, concurrency: 1, name: "Grace Hopper", waitMs: 60_000 };
    const [created] = await createUsers(clients, options, output);
    const { job } = await clients.jobs.GetJob({ jobId: created?.user?.welcomeJobId ?? "" });
    clients.close();
    traceId = job?.traceId ?? "";
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

  it("counts in Tempo's span metrics and in the service graph", async () => {
    const value = (query: string) => async () => (await promql(query))[0]?.value ?? 0;
    await expect.poll(value('sum(traces_spanmetrics_calls_total{service="email"})')).toBeGreaterThan(0);
    const edge = 'sum(traces_service_graph_request_total{client="job",server="email"})';
    await expect.poll(value(edge)).toBeGreaterThan(0);
  });
});

describe("Prometheus", () => {
  it("scrapes everything that it is told to", async () => {
    await expect.poll(async () => (await promql("up")).length).toBeGreaterThan(10);
    const down = async () => (await promql("up == 0")).map(({ metric }) => metric["job"]);
    await expect.poll(down).toEqual([]);
  });

  it("hands its alerts to Alertmanager, which takes them and shows them", async () => {
    const { url } = composeStack();
    const managers = z.object({ data: z.object({ activeAlertmanagers: z.array(z.unknown()) }) });
    const { data } = managers.parse(await getJson(`${url("PROMETHEUS")}/api/v1/alertmanagers`));
    expect(data.activeAlertmanagers).toHaveLength(1);
    const alert = [{ labels: { alertname: "ComposeTest", severity: "info" } }];
    const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(alert) };
    expect((await fetch(`${url("ALERTMANAGER")}/api/v2/alerts`, request)).status).toBe(200);
    await expect
      .poll(async () => JSON.stringify(await getJson(`${url("ALERTMANAGER")}/api/v2/alerts`)))
      .toContain("ComposeTest");
  });
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
