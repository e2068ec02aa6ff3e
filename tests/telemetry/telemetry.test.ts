import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { COMPONENTS, SERVICES } from "../../deploy/local/stack/components";
import { findPrometheus } from "../../deploy/local/stack/prometheus";
import { type LocalStack, startStack } from "../../deploy/local/stack/start-stack";
import { driveStack } from "./drive-stack";
import { EDGES, OPERATIONS_WITH_SQL } from "./edges";
import {
  type ExposedMetric,
  exposedMetrics,
  loggedLines,
  loggedType,
  metricOf,
  type ReceivedSpan,
  spansAround,
} from "./signals";
import { fieldsInSources, textsInSources } from "./source-texts";
import { type ListedName, readTelemetryPage } from "./telemetry-page";

const hasPrometheus = findPrometheus(process.env) !== undefined;
if (!hasPrometheus) {
  process.stderr.write("tests/telemetry: no prometheus in PATH; /metrics is read, and no real Prometheus scrapes it\n");
}

/** Which kinds of spans each service makes. */
const SPAN_KINDS = {
  client: ["server"],
  user: ["client", "consumer", "producer", "server"],
  job: ["client", "consumer", "producer", "server"],
  email: ["client", "server"],
  image: ["client", "internal", "server"],
};

/** What the page says is on some only, and is on none here; and why. */
const NOT_BROUGHT_ABOUT: Readonly<Record<string, string>> = {
  "<HTTP method> client error.type": "no source of an image was out of reach",
  "S3.<Operation> client aws.error.type": "the object store refused nothing",
  "S3.<Operation> client aws.request.extended_id": "the local object store sends none",
  "magick internal mcsv.magick.signal": "no magick had to be killed",
  "otel_sdk_processor_span_processed_total error_type": "no span was lost",
};

const PATIENCE = { timeout: 15_000, interval: 200 };

const page = readTelemetryPage();
let directory: string;
let stack: LocalStack;
let spans: ReceivedSpan[];
const metrics = new Map<string, Map<string, ExposedMetric>>();

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "mcsv-telemetry-"));
  const only = COMPONENTS.filter(
    (name) => !["docs", "dashboard", "alertmanager", ...(hasPrometheus ? [] : ["prometheus"])].includes(name),
  );
  stack = await startStack({ directory, only, env: { job: { RETRY_DELAY_MAX_SECONDS: "1" } } });
  await driveStack(stack);
  await vi.waitFor(async () => expect(stillMissing(await receivedSpans())).toEqual([]), PATIENCE);
  spans = await receivedSpans();
  for (const service of SERVICES) {
    metrics.set(service, await exposedMetrics(stack.urls[service]));
  }
});
afterAll(async () => {
  await stack?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function receivedSpans(): Promise<ReceivedSpan[]> {
  const found = await Promise.all(SERVICES.map((service) => spansAround(stack, service)));
  return [...new Map(found.flat().map((span) => [span.spanId, span])).values()];
}

/** `service operation` with the method's name alone. */
function operation({ service, name }: ReceivedSpan): string {
  return `${service} ${name.replace("mcsv.v1.", "").replace(/^[A-Z]+ mcsv_.*/, "sql")}`;
}

function edgesOf(received: readonly ReceivedSpan[]): Set<string> {
  const byId = new Map(received.map((span) => [span.spanId, span]));
  return new Set(
    received.flatMap((span) => {
      const parent = span.parentId === undefined ? undefined : byId.get(span.parentId);
      return parent === undefined ? [] : [`${operation(parent)} → ${operation(span)}`];
    }),
  );
}

const LISTED_EDGES = EDGES.map(([parent, child]) => `${parent} → ${child}`);

/** What has not reached the collector yet: edges of the list, parents, and spans of calls that are logged. */
function stillMissing(received: readonly ReceivedSpan[]): string[] {
  const edges = edgesOf(received);
  const ids = new Set(received.map(({ spanId }) => spanId));
  const named = [
    ...received.flatMap(({ parentId }) => parentId ?? []),
    ...SERVICES.flatMap((service) => callsOf(service).map((line) => String(line["span_id"]))),
  ];
  return [...LISTED_EDGES.filter((edge) => !edges.has(edge)), ...named.filter((id) => !ids.has(id))];
}

function callsOf(service: string): Record<string, unknown>[] {
  return loggedLines(stack, service).filter(({ message }) => message === "call");
}

describe.each(SERVICES)("the %s service", (service) => {
  const own = () => spans.filter((span) => span.service === service);
  const calls = () => callsOf(service);

  it("sends spans of each kind of its work", () => {
    const kinds = new Set(own().map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(SPAN_KINDS[service]);
  });

  it("logs each call within the span that answers it", () => {
    const answered = new Map(own().map((span) => [span.spanId, span]));
    expect(calls().length).toBeGreaterThan(0);
    for (const line of calls()) {
      const span = answered.get(String(line["span_id"]));
      // What is no method has no name, and is refused before anybody asks who calls.
      const isMethod = line["code"] !== "bad_route";
      const name = isMethod ? line["rpc_method"] : "POST";
      expect(span).toMatchObject({ traceId: line["trace_id"], name, kind: "server" });
      expect(line).toMatchObject({
        code: expect.any(String),
        duration_ms: expect.any(Number),
        ...(isMethod && { caller: expect.any(String) }),
      });
    }
  });

  it("counts as many calls as it logs", () => {
    expect(metrics.get(service)?.get("rpc_server_call_duration_seconds")?.total).toBe(calls().length);
  });

  it("has the metrics that the page lists for it, of the type, unit and labels that it says, and no others", () => {
    const exposed = metrics.get(service) ?? new Map<string, ExposedMetric>();
    const listed = page.metrics.filter(({ services }) => services.includes(service));
    expect([...exposed.keys()].sort()).toEqual(listed.map(({ prometheusName }) => prometheusName).sort());
    for (const { prometheusName: name, type, unit, labels } of listed) {
      const found = exposed.get(name);
      expect({ name, type: found?.type, unit: found?.unit }).toEqual({ name, type, unit });
      expect({ name, ...differences([...(found?.labels ?? [])], labels) }).toEqual({ name, unlisted: [], absent: [] });
    }
  });

  it("makes the spans that the page lists for it, with the attributes and events that it says, and no others", () => {
    const listed = page.spans.filter(({ services }) => services.includes(service));
    for (const { name, kind, attributes, events } of own()) {
      const row = listed.find((each) => each.kind === kind && each.matches(name));
      expect({ name, kind, isListed: row !== undefined }).toMatchObject({ isListed: true });
      expect({ name, ...differences(attributes, row?.attributes) }).toEqual({ name, unlisted: [], absent: [] });
      for (const event of events) {
        const eventRow = page.events.find((each) => each.name === event.name);
        const differing = { span: name, event: event.name, isListed: eventRow !== undefined };
        expect({ ...differing, ...differences(event.attributes, eventRow?.attributes) }).toEqual({
          ...differing,
          isListed: true,
          unlisted: [],
          absent: [],
        });
      }
    }
  });

  it("logs no field that the page does not list, and each of the type that it says", () => {
    const types = new Map(page.logFields.map((field) => [field.name, field.types]));
    const wrong = loggedLines(stack, service).flatMap((line) =>
      Object.entries(line).filter(([field, value]) => !types.get(field)?.includes(loggedType(value))),
    );
    expect(wrong).toEqual([]);
  });
});

describe("both flows, with a mail and a callback that took two attempts and an image that is none", () => {
  it("leave each pair of parent and child that is listed, and no others", () => {
    const found = [...edgesOf(spans)].filter((edge) => !edge.endsWith(" sql"));
    expect(found.sort()).toEqual([...LISTED_EDGES].sort());
  });

  it("show the statements of each operation that has some", () => {
    const edges = edgesOf(spans);
    expect(OPERATIONS_WITH_SQL.filter((parent) => !edges.has(`${parent} → ${parent.split(" ")[0]} sql`))).toEqual([]);
  });

  it("are each one trace, from the call to the last callback", () => {
    const tracesOf = (name: string) =>
      new Set(spans.filter((span) => operation(span) === name).map(({ traceId }) => traceId));
    const welcomes = tracesOf("user UserService/CreateUser");
    const conversions = tracesOf("user UserService/ConvertImage");
    expect([welcomes.size, conversions.size]).toEqual([1, 3]);
    expect(tracesOf("client ClientService/NotifyImageConverted")).toEqual(conversions);
    const mailed = tracesOf("client ClientService/NotifyEmailDelivered");
    expect([...welcomes].every((id) => mailed.has(id))).toBe(true);
    const parents = new Set(spans.map(({ spanId }) => spanId));
    expect(spans.filter(({ parentId }) => parentId !== undefined && !parents.has(parentId))).toEqual([]);
  });

  it("show every attempt at a job beside the others", () => {
    const attempts = spans.filter((span) => operation(span) === "job process email");
    const sent = spans.filter((span) => operation(span) === "job send email");
    expect(attempts.length).toBeGreaterThan(sent.length);
  });

  it("log each conversion's id when it is ordered and when it has ended, in its trace", () => {
    const lines = loggedLines(stack, "user").filter(({ conversion_id: id }) => id !== undefined);
    const saying = (message: string) =>
      new Map(
        lines.filter((line) => line["message"] === message).map((line) => [line["conversion_id"], line["trace_id"]]),
      );
    const [ordered, ended] = [saying("conversion ordered"), saying("conversion ended")];
    expect(ordered.size).toBe(3);
    expect(ended).toEqual(ordered);
  });

  it("log warnings and errors with the trace in which they happened", () => {
    const grave = SERVICES.flatMap((service) => loggedLines(stack, service)).filter(
      ({ level, job_id: jobId }) => (level === "warn" || level === "error") && jobId !== undefined,
    );
    const traces = new Set(spans.map(({ traceId }) => traceId));
    expect(grave.map(({ level }) => level)).toEqual(expect.arrayContaining(["warn", "error"]));
    expect(grave.filter(({ trace_id: id }) => !traces.has(String(id)))).toEqual([]);
  });
});

describe("docs/telemetry.md", () => {
  it("lists no span that nobody makes", () => {
    const unmade = page.spans.filter(
      (row) =>
        !row.services.every((service) =>
          spans.some((span) => span.service === service && span.kind === row.kind && row.matches(span.name)),
        ),
    );
    expect(unmade.map(({ title, kind }) => `${title} ${kind}`)).toEqual([]);
  });

  it("says on what an optional label or attribute is only where it was seen on some", () => {
    const seen = [
      ...page.metrics.flatMap(({ prometheusName, labels }) =>
        unseen(labels, (label) => [...metrics.values()].some((of) => of.get(prometheusName)?.labels.has(label))).map(
          (label) => `${prometheusName} ${label}`,
        ),
      ),
      ...page.spans.flatMap((row) => {
        const made = spans.filter(({ kind, name }) => kind === row.kind && row.matches(name));
        const has = (key: string) => made.some(({ attributes }) => attributes.includes(key));
        return unseen(row.attributes, has).map((key) => `${row.title} ${row.kind} ${key}`);
      }),
      ...page.events.flatMap((row) => {
        const happened = spans.flatMap(({ events }) => events).filter(({ name }) => name === row.name);
        const has = (key: string) => happened.some(({ attributes }) => attributes.includes(key));
        return unseen(row.attributes, has).map((key) => `${row.name} ${key}`);
      }),
    ];
    expect(seen.sort()).toEqual(Object.keys(NOT_BROUGHT_ABOUT).sort());
  });

  it("lists no event that never happens", () => {
    const happened = new Set(spans.flatMap(({ events }) => events.map(({ name }) => name)));
    expect(page.events.map(({ name }) => name).filter((name) => !happened.has(name))).toEqual([]);
  });

  it("names metrics as OpenTelemetry does, and in Prometheus as follows from name, unit and type", () => {
    const known = new Set([...Object.values(conventions), ...textsInSources(), "target.info"]);
    expect(page.metrics.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
    for (const { name, prometheusName } of page.metrics) {
      expect(prometheusName).toMatch(new RegExp(`^${name.replaceAll(".", "_")}(_(seconds|bytes|ratio))?(_total)?$`));
    }
  });

  it("says of each row what it means, and leaves nothing empty", () => {
    expect(page.unfinished).toEqual([]);
  });

  it("lists the fields that the sources log, and no others", () => {
    const listed = new Set(page.logFields.map(({ name }) => name));
    const logged = new Set([...SERVICES.flatMap((service) => loggedLines(stack, service).flatMap(Object.keys))]);
    const { inCalls, anywhere } = fieldsInSources();
    expect([...inCalls].filter((field) => !listed.has(field))).toEqual([]);
    expect([...listed].filter((field) => !logged.has(field) && !anywhere.has(field))).toEqual([]);
  });
});

describe.runIf(hasPrometheus)("a real Prometheus", () => {
  it("scrapes all five services, and has every metric of the page with its labels", async () => {
    const listed = page.metrics.flatMap(({ prometheusName, services }) =>
      services.map((service) => `${service} ${prometheusName}`),
    );
    const names = new Set(page.metrics.map(({ prometheusName }) => prometheusName));
    const scraped = async () => {
      const query = new URLSearchParams({ "match[]": `{job=~"${SERVICES.join("|")}"}` });
      const answer = await fetch(`${stack.urls.prometheus}/api/v1/series?${query}`);
      const { data } = (await answer.json()) as { data: { __name__: string; job: string }[] };
      return new Set(data.map((series) => `${series.job} ${metricOf(series.__name__, names)}`));
    };
    await expect
      .poll(async () => {
        const found = await scraped();
        return listed.filter((metric) => !found.has(metric));
      })
      .toEqual([]);
  });
});

/** What has a name that is not listed, and what is listed, for all of its kind, and not there. */
function differences(found: readonly string[], listed: readonly ListedName[] = []) {
  return {
    unlisted: found.filter((key) => !listed.some(({ name }) => name === key)),
    absent: listed.filter(({ name, optional }) => !optional && !found.includes(name)).map(({ name }) => name),
  };
}

/** The optional ones among names that nothing has. */
function unseen(listed: readonly ListedName[], isSeen: (name: string) => boolean): string[] {
  return listed.filter(({ name, optional }) => optional && !isSeen(name)).map(({ name }) => name);
}
