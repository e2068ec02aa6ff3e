import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Pool } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type MetricRecord, recordMetrics } from "../../../tests/support/record-metrics";
import { recordSpans } from "../../../tests/support/record-spans";
import { createTestDatabase, type TestDatabase } from "../../../tests/support/test-database";
import { withSpan } from "../telemetry/with-span";
import { ObservedPool } from "./observed-pool";

const DURATION = "db.client.operation.duration";

const recorded = recordSpans();
let database: TestDatabase;
let measured: MetricRecord;
const pools: Pool[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => {
  recorded.spans.length = 0;
  measured = recordMetrics();
});
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.end())));
afterAll(() => Promise.all([database.drop(), recorded.stop()]));

function open({ name = "sample", max = 2 } = {}): Pool {
  const telemetry = { tracer: trace.getTracer("test"), meter: measured.meter };
  const pool = new ObservedPool(name, { connectionString: database.url, max }, telemetry);
  pools.push(pool);
  return pool;
}

const statements = () => recorded.spans.filter(({ kind }) => kind === SpanKind.CLIENT);

describe("a statement", () => {
  it("leaves a span that says where it ran and what it was, without its parameters", async () => {
    const pool = open();
    await withSpan("request", {}, () => pool.query("\n  SELECT $1::text AS value", ["secret"]));
    const { hostname, port } = new URL(database.url);
    expect(statements().map(({ name, attributes }) => ({ name, attributes }))).toEqual([
      {
        name: `SELECT ${database.name}`,
        attributes: {
          "db.system.name": "postgresql",
          "db.namespace": database.name,
          "db.operation.name": "SELECT",
          "db.query.text": "\n  SELECT $1::text AS value",
          "server.address": hostname,
          "server.port": Number(port),
        },
      },
    ]);
  });

  it.each([
    ["as text", (pool: Pool) => pool.query("SELECT 1 AS one")],
    ["with values", (pool: Pool) => pool.query("SELECT $1::int AS one", [1])],
    ["as an object", (pool: Pool) => pool.query({ text: "SELECT $1::int AS one", values: [1] })],
    ["prepared", (pool: Pool) => pool.query({ name: "one", text: "SELECT 1 AS one" })],
    [
      "on a client",
      async (pool: Pool) => {
        const client = await pool.connect();
        try {
          return await client.query("SELECT 1 AS one");
        } finally {
          client.release();
        }
      },
    ],
    [
      "with a callback",
      (pool: Pool) =>
        new Promise<{ rows: unknown[] }>((resolve, reject) => {
          pool.query("SELECT $1::int AS one", [1], (error, result) => (error ? reject(error) : resolve(result)));
        }),
    ],
  ])("is answered as ever, and seen once: %s", async (_how, ask) => {
    const pool = open();
    const { rows } = await withSpan("request", {}, () => ask(pool));
    expect(rows).toEqual([{ one: 1 }]);
    expect(statements()).toHaveLength(1);
    expect(await measured.points(DURATION)).toMatchObject([{ value: { count: 1 } }]);
  });

  it("belongs to the request that asked for it, even when that had to wait for another's connection", async () => {
    const pool = open({ max: 1 });
    const requests = Array.from({ length: 5 }, (_, i) =>
      withSpan("request", { attributes: { number: i } }, () => pool.query(`SELECT ${i}`)),
    );
    await Promise.all(requests);
    const parents = new Map(
      recorded.spans.filter(({ name }) => name === "request").map((span) => [span.spanContext().spanId, span]),
    );
    const askedBy = statements().map(({ attributes, parentSpanContext }) => [
      attributes["db.query.text"],
      `SELECT ${parents.get(parentSpanContext?.spanId ?? "")?.attributes["number"]}`,
    ]);
    expect(askedBy).toHaveLength(5);
    for (const [text, expected] of askedBy) expect(text).toBe(expected);
  });

  it("that fails tells its SQLSTATE, and nothing that the server says of the values", async () => {
    const pool = open();
    const failing = withSpan("request", {}, () => pool.query("SELECT $1::uuid", ["secret"]));
    await expect(failing).rejects.toMatchObject({ code: "22P02", message: expect.stringContaining("secret") });
    const [span] = statements();
    expect(span?.attributes).toMatchObject({ "db.response.status_code": "22P02", "error.type": "22P02" });
    expect(span?.status.code).toBe(SpanStatusCode.ERROR);
    expect(JSON.stringify([span?.status, span?.events, span?.attributes])).not.toContain("secret");
    expect(await measured.points(DURATION)).toMatchObject([{ attributes: { "error.type": "22P02" } }]);
  });

  it("leaves nothing where it only begins a transaction", async () => {
    const client = await open().connect();
    await withSpan("request", {}, async () => {
      await client.query("BEGIN");
      await client.query("SELECT 1");
      await client.query("COMMIT");
    });
    client.release();
    expect(statements().map(({ name }) => name)).toEqual([`SELECT ${database.name}`, `COMMIT ${database.name}`]);
  });

  it("leaves nothing outside of a trace: polling would bury the rest", async () => {
    await open().query("SELECT 1");
    expect(recorded.spans).toEqual([]);
    expect(await measured.points(DURATION)).toEqual([]);
  });
});

describe("the connections of a pool", () => {
  const counts = async (metric: string) =>
    (await measured.points(metric)).map(({ attributes, value }) => [
      attributes["db.client.connection.pool.name"],
      attributes["db.client.connection.state"],
      value,
    ]);

  it("are counted by state when somebody asks, those of each pool apart", async () => {
    const [one, other] = [open({ name: "one", max: 1 }), open({ name: "other", max: 3 })];
    const held = await one.connect();
    const waiting = one.query("SELECT 1");
    await other.query("SELECT 1");
    expect(await counts("db.client.connection.count")).toEqual([
      ["one", "used", 1],
      ["one", "idle", 0],
      ["other", "used", 0],
      ["other", "idle", 1],
    ]);
    expect(await counts("db.client.connection.pending_requests")).toEqual([
      ["one", undefined, 1],
      ["other", undefined, 0],
    ]);
    expect(await counts("db.client.connection.max")).toEqual([
      ["one", undefined, 1],
      ["other", undefined, 3],
    ]);
    held.release();
    await waiting;
  });

  it("are counted no more once the pool has ended", async () => {
    const pool = open();
    await pool.query("SELECT 1");
    await pools.pop()?.end();
    expect(await counts("db.client.connection.count")).toEqual([]);
    expect(pool.ended).toBe(true);
  });
});
