import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { COMPONENTS, SERVICES } from "../../deploy/local/stack/components";
import { findPrometheus } from "../../deploy/local/stack/prometheus";
import { type LocalStack, startStack } from "../../deploy/local/stack/start-stack";
import { type DrivenStack, driveStack, mcsv } from "./drive-stack";
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
  user: ["client", "consumer", "internal", "producer", "server"],
  job: ["client", "consumer", "internal", "producer", "server"],
  email: ["client", "server"],
  image: ["client", "internal", "server"],
};

/** What the page says is on some only, and is on none here; and why. */
const NOT_BROUGHT_ABOUT: Readonly<Record<string, string>> = {
  "<HTTP method> client error.type": "no source of an image was out of reach",
  "S3.<Operation> client aws.error.type": "the object store refused nothing",
  "S3.<Operation> client aws.request.extended_id": "the local object store sends none",
  "PUT client error.type": "every upload was taken",
  "create user internal error.type": "every user was created",
  "magick internal mcsv.magick.signal": "no magick had to be killed",
  "otel_sdk_processor_span_processed_total error_type": "no span was lost",
  "settle <queue> client error.type": "the database was there",
};

const PATIENCE = { timeout: 15_000, interval: 200 };

const page = readTelemetryPage();
let directory: string;
let stack: LocalStack;
let driven: DrivenStack;
let spans: ReceivedSpan[];
const metrics = new Map<string, Map<string, ExposedMetric>>();

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "mcsv-telemetry-"));
  const only = COMPONENTS.filter(
    (name) => !["docs", "dashboard", "alertmanager", ...(hasPrometheus ? [] : ["prometheus"])].includes(name),
  );
  stack = await startStack({ directory, only, env: { job: { RETRY_DELAY_MAX_SECONDS: "1" } } });
  driven = await driveStack(stack);
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
    ...SERVICES.flatMap((service) => tracedCallsOf(service).map((line) => String(line["span_id"]))),
  ];
  return [...LISTED_EDGES.filter((edge) => !edges.has(edge)), ...named.filter((id) => !ids.has(id))];
}

function callsOf(service: string): Record<string, unknown>[] {
  return loggedLines(stack, service).filter(({ message }) => message === "call");
}

/** With which the CLI looks whether a conversion has ended: these leave no spans. */
const POLL = "mcsv.v1.UserService/GetConversion";

function tracedCallsOf(service: string): Record<string, unknown>[] {
  return callsOf(service).filter((line) => line["rpc_method"] !== POLL);
}

/** Spans and events of a service that the page does not list for it, and those whose attributes it lists otherwise. */
function differencesFromPage(service: string): object[] {
  const listed = page.spans.filter(({ services }) => services.includes(service));
  return spans
    .filter((span) => span.service === service)
    .flatMap(({ name, kind, attributes, events }) => [
      differencesFrom(
        { name, kind },
        attributes,
        listed.find((each) => each.kind === kind && each.matches(name)),
      ),
      ...events.map((event) =>
        differencesFrom(
          { span: name, event: event.name },
          event.attributes,
          page.events.find((each) => each.name === event.name),
        ),
      ),
    ])
    .filter((difference) => difference !== undefined);
}

function differencesFrom(
  what: object,
  found: readonly string[],
  row: { attributes: readonly ListedName[] } | undefined,
): object | undefined {
  if (row === undefined) return { ...what, isListed: false };
  const { unlisted, absent } = differences(found, row.attributes);
  return unlisted.length + absent.length > 0 ? { ...what, unlisted, absent } : undefined;
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
    expect(tracedCallsOf(service).length).toBeGreaterThan(0);
    for (const line of tracedCallsOf(service)) {
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
    expect(differencesFromPage(service)).toEqual([]);
  });

  it("logs no field that the page does not list, and each of the type that it says", () => {
    const types = new Map(page.logFields.map((field) => [field.name, field.types]));
    const wrong = loggedLines(stack, service).flatMap((line) =>
      Object.entries(line).filter(([field, value]) => !types.get(field)?.includes(loggedType(value))),
    );
    expect(wrong).toEqual([]);
  });
});

describe("the CLI", () => {
  it("makes the spans that the page lists for it, with the attributes that it says, and no others", () => {
    expect(spans.filter(({ service }) => service === "cli")).not.toEqual([]);
    expect(differencesFromPage("cli")).toEqual([]);
  });

  it("tells of the traces that it begins: one a user, one an image", () => {
    const began = spans.filter((span) => ["cli create user", "cli convert image"].includes(operation(span)));
    expect(began.map(({ traceId }) => traceId).sort()).toEqual([...driven.traceIds].sort());
    expect(began.filter(({ parentId }) => parentId !== undefined)).toEqual([]);
  });

  it("looks for the outcome within the trace, and leaves no spans of that", () => {
    const polls = callsOf("user").filter((line) => line["rpc_method"] === POLL);
    expect(polls).not.toEqual([]);
    expect(polls.filter((line) => !driven.traceIds.includes(String(line["trace_id"])))).toEqual([]);
    expect(spans.filter(({ name }) => name === POLL)).toEqual([]);
  });

  it("shows the trace of a conversion by its id", async () => {
    const { id, traceId } = driven.conversion;
    expect(await mcsv(stack, "trace", id)).toMatchObject({
      traceId,
      services: expect.arrayContaining(["cli", "image"]),
    });
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

  it("are found by the id of a conversion: its lines, in each service that knows it, have its trace", () => {
    const { id, traceId } = driven.conversion;
    const about = (service: string) =>
      loggedLines(stack, service).filter((line) => line["conversion_id"] === id && line["rpc_method"] !== POLL);
    const told = (service: string) =>
      about(service).map((line) => line["rpc_method"] ?? `${line["message"]} ${line["queue"]}`);
    expect(told("user").sort()).toEqual([
      "job completed order-image-conversion",
      "job completed relay-image-converted",
      "mcsv.v1.UserService/ConvertImage",
      "mcsv.v1.UserService/NotifyImageConverted",
    ]);
    expect(told("job").sort()).toEqual([
      "job completed callback",
      "job completed image-conversion",
      "mcsv.v1.JobService/EnqueueImageConversion",
    ]);
    expect(new Set(told("client"))).toEqual(new Set(["mcsv.v1.ClientService/NotifyImageConverted"]));
    const lines = SERVICES.flatMap(about);
    expect(new Set(lines.map((line) => line["trace_id"]))).toEqual(new Set([traceId]));
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
        const made = spans.filter(
          ({ service, kind, name }) => row.services.includes(service) && kind === row.kind && row.matches(name),
        );
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
