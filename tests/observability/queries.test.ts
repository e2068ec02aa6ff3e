import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { projectDirectory } from "../../deploy/local/project-directory";
import { findPrometheus, prometheusArguments } from "../../deploy/local/stack/prometheus";
import { type LocalStack, startStack } from "../../deploy/local/stack/start-stack";
import { ConversionStatus } from "../../gen/client/mcsv/v1/user";
import { type Clients, connect } from "../../services/client/cli/clients";
import { type StartedProgram, startProgram } from "../support/start-program";
import { dashboardQueries, type PlacedQuery } from "./read-dashboards";
import { readRules } from "./read-rules";

/** What is empty when all is well, or where nothing else but the services runs; everything else has to show something. */
const MAY_BE_EMPTY: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /^ALERTS\{/, why: "no alert fires" },
  { pattern: /mcsv_build_info offset 1m/, why: "nothing was deployed in the last minute" },
  { pattern: /mcsv_queue_dead_letters_total/, why: "no job failed for good" },
  { pattern: /span_processed_total\{error_type!=""\}/, why: "no span was lost" },
  { pattern: /tempo_|loki_/, why: "only the stack in containers has Tempo and Loki" },
];

const IMAGES = join(projectDirectory(), "deploy", "local", "demo", "images");
const PATIENCE_MS = 30_000;

const prometheusProgram = findPrometheus(process.env);
if (prometheusProgram === undefined) {
  process.stderr.write("prometheus is not in PATH (Debian: prometheus): no query of a dashboard or rule is tried\n");
}

const answer = z.object({
  status: z.string(),
  error: z.string().optional(),
  data: z.object({ result: z.array(z.unknown()) }).optional(),
});

describe.skipIf(prometheusProgram === undefined)("a real Prometheus that scrapes working services", () => {
  let directory: string;
  let stack: LocalStack;
  let prometheus: StartedProgram;
  let clients: Clients;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mcsv-queries-"));
    stack = await startStack({ directory, env: { image: { IMAGE_CONCURRENCY: "1" } } });
    const own = mkdtempSync(join(directory, "prometheus-"));
    const args = [...prometheusArguments(own, stack.ports, 1), "--log.level=warn"];
    prometheus = await startProgram(prometheusProgram ?? "prometheus", args, `${stack.urls.prometheus}/-/ready`);
    clients = connect(stack.urls, { concurrency: 8, apiKey: stack.auth.apiKey });
    await Promise.all(["balloon.jpg", "mountain-lake.png"].map(convert));
  });

  afterAll(async () => {
    clients?.close();
    await Promise.all([prometheus?.stop(), stack?.stop()]);
    rmSync(directory, { recursive: true, force: true });
  });

  /** Everything that a user does: signs up, uploads or sends an image, gets a PDF and two mails. */
  async function convert(name: string): Promise<void> {
    const request = { idempotencyKey: randomUUID(), email: `${randomUUID()}@example.com`, name: "Ada Lovelace" };
    const { user } = await clients.users.CreateUser(request);
    const own = clients.asUser(user?.id ?? "");
    const { conversion } = await own.ConvertImage({
      idempotencyKey: randomUUID(),
      userId: "",
      fileName: name,
      options: undefined,
      source: { $case: "image", image: readFileSync(join(IMAGES, name)) },
    });
    await vi.waitFor(
      async () => {
        const { conversion: now } = await own.GetConversion({ conversionId: conversion?.id ?? "" });
        expect(now?.status).toBe(ConversionStatus.CONVERSION_STATUS_COMPLETED);
      },
      { timeout: PATIENCE_MS, interval: 100 },
    );
  }

  /** Why a query is of no use: an error, or an empty result. */
  async function complaint({ place, expr }: PlacedQuery): Promise<string[]> {
    const response = await fetch(`${stack.urls.prometheus}/api/v1/query`, {
      method: "POST",
      body: new URLSearchParams({ query: expr }),
    });
    const { status, error, data } = answer.parse(await response.json());
    if (status !== "success") return [`${place}: ${error}: ${expr}`];
    const isFine = (data?.result.length ?? 0) > 0 || MAY_BE_EMPTY.some(({ pattern }) => pattern.test(expr));
    return isFine ? [] : [`${place}: empty: ${expr}`];
  }

  /** Asks all of them, and those again that were empty: Prometheus may have to scrape another time. */
  async function expectAnswers(queries: readonly PlacedQuery[]): Promise<void> {
    let open = queries;
    await expect
      .poll(
        async () => {
          const complaints = await Promise.all(open.map(complaint));
          open = open.filter((_, index) => complaints[index]?.length);
          return complaints.flat();
        },
        { timeout: PATIENCE_MS, interval: 500 },
      )
      .toEqual([]);
  }

  it("answers every query of every dashboard with something", async () => {
    await expectAnswers(dashboardQueries());
  }, 60_000);

  it("records something by every recording rule", async () => {
    const recorded = readRules().flatMap(({ record, labels }) => {
      if (record === undefined) return [];
      const selector = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
      return [{ place: `rule ${record}`, expr: `${record}{${selector.join(",")}}` }];
    });
    await expectAnswers(recorded);
  }, 60_000);

  it("knows every metric that an alert looks at, and evaluates every alert", async () => {
    const alerts = readRules().flatMap(({ alert, expr }) => (alert === undefined ? [] : [{ alert, expr }]));
    const metrics = alerts.flatMap(({ alert, expr }) =>
      [...expr.matchAll(/\b(?:(?:slo|queue):[\w:]+|(?:mcsv|nodejs|process|db)_\w+|up(?=\{))/g)].map(([name]) => ({
        place: `alert ${alert}`,
        expr: `${name}`,
      })),
    );
    expect(new Set(metrics.map(({ place }) => place)).size).toBe(new Set(alerts.map(({ alert }) => alert)).size);
    await expectAnswers(metrics);
    const rules = z.object({
      data: z.object({
        groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })),
      }),
    });
    const { data } = rules.parse(await (await fetch(`${stack.urls.prometheus}/api/v1/rules`)).json());
    const evaluated = data.groups.flatMap((group) => group.rules);
    expect(evaluated.filter(({ health }) => health !== "ok")).toEqual([]);
    expect(evaluated).toHaveLength(readRules().length);
  }, 60_000);

  it("fires no alert while all is well", async () => {
    // How busy and how full the machine is that runs the tests is another matter.
    const firing = 'ALERTS{alertstate="firing",alertname!~"UserCallsSlow|EventLoopBlocked|DiskNearlyFull"}';
    const response = await fetch(`${stack.urls.prometheus}/api/v1/query?query=${encodeURIComponent(firing)}`);
    expect(answer.parse(await response.json()).data?.result).toEqual([]);
  });
});

it("has no exception for a query that nobody makes", () => {
  const all = [...dashboardQueries(), ...readRules()].map(({ expr }) => expr);
  expect(MAY_BE_EMPTY.filter(({ pattern }) => !all.some((expr) => pattern.test(expr)))).toEqual([]);
});
