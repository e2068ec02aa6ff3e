import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { projectDirectory } from "../../deploy/local/project-directory";
import { type Conversion, ConversionStatus } from "../../gen/client/mcsv/v1/user";
import { type LogLine, logLines, promql, servicesInJaeger, servicesInTempo, traceql } from "./support/ask";
import { convert } from "./support/convert";
import { composeStack, getJson } from "./support/stack";

const IMAGE = join(projectDirectory(), "deploy/local/demo/images/mountain-lake.png");
const SERVICES = ["client", "email", "image", "job", "user"];
const PATIENCE = { timeout: 60_000, interval: 250 };
const JOURNEY = 'mcsv_conversion_journey_duration_seconds_bucket{job="user",result="ok"}';

/** Of somebody's conversion nothing is known but its id: each signal leads to the next. */
describe("a stranger's conversion", () => {
  let conversion: Conversion;
  let before: ReadonlyMap<number, number>;
  let lines: LogLine[];
  let traceId: string;

  beforeAll(async () => {
    const { size } = await journeysOfTheService();
    // A histogram has no buckets before it has counted something.
    if (size === 0) await convert("mountain-lake.png", readFileSync(IMAGE));
    before = await vi.waitFor(async () => {
      const buckets = await journeysOfTheService();
      expect(buckets.size).toBeGreaterThan(5);
      return buckets;
    }, PATIENCE);
    conversion = await convert("mountain-lake.png", readFileSync(IMAGE));
    expect(conversion.status).toBe(ConversionStatus.CONVERSION_STATUS_COMPLETED);
    // Whoever asks for it later does so in traces of their own.
    const own = `{service=~".+"} |= "${conversion.id}" != "UserService/GetConversion"`;
    await vi.waitFor(async () => {
      lines = await logLines(own);
      const methods = ["mcsv.v1.UserService/ConvertImage", "mcsv.v1.ClientService/NotifyImageConverted"];
      expect(lines.map(({ line }) => methodOf(line))).toEqual(expect.arrayContaining(methods));
    }, PATIENCE);
    traceId = lines[0]?.labels["trace_id"] ?? "";
  });

  it("is found in Loki by its id, in lines of one trace", () => {
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(lines.map(({ labels }) => labels["trace_id"]))).toEqual(new Set([traceId]));
    expect(new Set(lines.map(({ labels }) => labels["service"]))).toContain("user");
  });

  it("has log lines of every service by that trace", async () => {
    const services = async () => {
      const found = await logLines(`{service=~".+"} | trace_id="${traceId}"`);
      return [...new Set(found.map(({ labels }) => labels["service"]))].sort();
    };
    await expect.poll(services).toEqual(SERVICES);
  });

  it("is found in Jaeger by that trace, through all services", async () => {
    await expect.poll(() => servicesInJaeger(traceId)).toEqual(SERVICES);
  });

  it("is found in Tempo by that trace, and by TraceQL", async () => {
    await expect.poll(() => servicesInTempo(traceId)).toEqual(SERVICES);
    await expect
      .poll(() => traceql(`{ trace:id = "${traceId}" && resource.service.name = "image" && name = "magick" }`))
      .toEqual([traceId]);
    await expect
      .poll(() =>
        traceql('{ resource.service.name = "user" && name =~ ".+/ConvertImage" } >> { span.process.exit.code = 0 }'),
      )
      .toContain(traceId);
  });

  it("counts in exactly its bucket of the histogram of what users wait for", async () => {
    const { createdAt, endedAt } = conversion;
    const seconds = ((endedAt?.getTime() ?? 0) - (createdAt?.getTime() ?? 0)) / 1000;
    expect(seconds).toBeGreaterThan(0);
    const expected = new Map([...before].map(([le, count]) => [le, count + (seconds <= le ? 1 : 0)]));
    const scraped = async () =>
      new Map((await promql(JOURNEY)).map(({ metric, value }) => [boundOf(metric["le"]), value]));
    await expect.poll(scraped).toEqual(expected);
  });

  it("is the exemplar of a bucket of Tempo's span metrics", async () => {
    const answer = z.object({
      data: z.array(
        z.object({
          seriesLabels: z.object({ le: z.string() }),
          exemplars: z.array(z.object({ labels: z.record(z.string(), z.string()), value: z.string() })),
        }),
      ),
    });
    const query = 'traces_spanmetrics_latency_bucket{service="user",span_name=~".+/ConvertImage"}';
    const range = { start: `${Date.now() / 1000 - 3600}`, end: `${Date.now() / 1000 + 60}` };
    const url = `${composeStack().url("PROMETHEUS")}/api/v1/query_exemplars?${new URLSearchParams({ ...range, query })}`;
    const ours = async () =>
      answer
        .parse(await getJson(url))
        .data.flatMap(({ seriesLabels, exemplars }) =>
          exemplars
            .filter(({ labels }) => Object.values(labels).includes(traceId))
            .map(({ value }) => Number(value) <= boundOf(seriesLabels.le)),
        );
    await expect.poll(ours).toContain(true);
  });
});

/** The method whose call left a line; undefined for other lines. */
function methodOf(line: string): string | undefined {
  return z.object({ rpc_method: z.string().optional() }).parse(JSON.parse(line)).rpc_method;
}

function boundOf(le: string | undefined): number {
  return le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
}

/** The buckets as the user service has them at this moment, by upper bound; none before the first conversion. */
async function journeysOfTheService(): Promise<ReadonlyMap<number, number>> {
  const text = await (await fetch(`${composeStack().url("USER")}/metrics`)).text();
  const buckets = text.matchAll(/^mcsv_conversion_journey_duration_seconds_bucket\{(.*)\} (\d+)$/gm);
  return new Map(
    [...buckets]
      .filter(([, labels]) => labels?.includes('result="ok"'))
      .map(([, labels = "", count]) => [boundOf(/le="([^"]+)"/.exec(labels)?.[1]), Number(count)]),
  );
}
