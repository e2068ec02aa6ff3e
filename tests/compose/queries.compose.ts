import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { projectDirectory } from "../../deploy/local/project-directory";
import { ConversionStatus } from "../../gen/client/mcsv/v1/user";
import { askPrometheus, EMPTY_WHEN_WELL, expectAnswers } from "../observability/expect-answers";
import { dashboardQueries, type PlacedQuery, panelQueries } from "../observability/read-dashboards";
import { logLines, logql } from "./support/ask";
import { convert } from "./support/convert";
import { composeStack } from "./support/stack";

const IMAGES = join(projectDirectory(), "deploy/local/demo/images");
const TIMEOUT_MS = 90_000;

const query = z.object({ name: z.string(), query: z.string() });
const provisioned = z.object({
  datasources: z.array(
    z.object({
      uid: z.string(),
      jsonData: z.object({
        tracesToLogsV2: z.object({ query: z.string() }).optional(),
        tracesToMetrics: z.object({ queries: z.array(query) }).optional(),
      }),
    }),
  ),
});

/** What Grafana asks Prometheus for where a trace leads to metrics, and for the graph of services. */
const SERVICE_GRAPH = [
  "traces_service_graph_request_total",
  "traces_service_graph_request_server_seconds_sum",
  "traces_service_graph_request_server_seconds_bucket",
  "traces_service_graph_request_client_seconds_bucket",
].map((expr) => ({ place: "service graph", expr: `sum by (client, server) (rate(${expr}[5m]))` }));

function datasources() {
  const file = join(projectDirectory(), "observability/grafana/provisioning/datasources/datasources.yaml");
  return provisioned.parse(parse(readFileSync(file, "utf8"))).datasources;
}

describe("what Grafana asks", () => {
  const prometheus = () => askPrometheus(composeStack().url("PROMETHEUS"));

  beforeAll(async () => {
    for (const name of ["balloon.jpg", "mountain-lake.png"]) await convert(name, readFileSync(join(IMAGES, name)));
    // Warnings and errors are there to be shown, too.
    const broken = readFileSync(join(IMAGES, "badge.png")).subarray(0, 2000);
    const { status } = await convert("broken.png", broken);
    expect(status).toBe(ConversionStatus.CONVERSION_STATUS_FAILED);
  });

  it("Prometheus for, in every dashboard, is answered with something", async () => {
    const mayBeEmpty = EMPTY_WHEN_WELL.map(({ pattern }) => pattern);
    await expectAnswers(prometheus(), dashboardQueries(), { mayBeEmpty, timeoutMs: TIMEOUT_MS });
  });

  it("Loki for, in every dashboard, is answered with something", async () => {
    const queries = panelQueries("loki");
    expect(queries.length).toBeGreaterThan(2);
    await expectAnswers(logql, queries, { mayBeEmpty: [], timeoutMs: TIMEOUT_MS });
  });

  it("Prometheus for, from a trace and for the graph of services, is answered with something", async () => {
    const fromTraces: PlacedQuery[] = datasources().flatMap(({ uid, jsonData }) =>
      (jsonData.tracesToMetrics?.queries ?? []).map(({ name, query: expr }) => ({
        place: `${uid} / ${name}`,
        // The tags of the span, as its data source maps them to labels.
        expr: expr.replaceAll("$$__tags", 'service="image"'),
      })),
    );
    expect(fromTraces.length).toBeGreaterThan(3);
    const queries = [...fromTraces, ...SERVICE_GRAPH];
    await expectAnswers(prometheus(), queries, { mayBeEmpty: [], timeoutMs: TIMEOUT_MS });
  });

  it("Loki for, from a trace, is answered with its lines", async () => {
    const lines = await logLines('{service="image"} |= "image converted"');
    const traceId = lines[0]?.labels["trace_id"] ?? "";
    const queries = datasources().flatMap(({ uid, jsonData }) => {
      const expr = jsonData.tracesToLogsV2?.query.replace(/\$\$\{__trace\.traceId\}/, traceId);
      return expr === undefined ? [] : [{ place: uid, expr }];
    });
    expect(queries.map(({ place }) => place).sort()).toEqual(["jaeger", "tempo"]);
    await expectAnswers(logql, queries, { mayBeEmpty: [], timeoutMs: TIMEOUT_MS });
  });
});
