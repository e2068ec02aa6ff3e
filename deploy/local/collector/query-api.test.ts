import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendSpans } from "./send-spans";
import { type Collector, startCollector } from "./start-collector";

/** Ends of the ids of the traces that the tests search, oldest first. */
const [CREATE, CONVERT, FAIL] = ["c1", "c2", "c3"] as const;

describe("queryApi", () => {
  let collector: Collector;
  const nowMs = Date.now();

  beforeAll(async () => {
    collector = await startCollector({ grpcPort: 0, httpPort: 0 });
    await sendSpans(collector.grpcPort, [
      { traceId: CREATE, spanId: "1", service: "client", name: "call", kind: 3, startMs: nowMs - 7_200_000 },
      {
        traceId: CREATE,
        spanId: "2",
        parentId: "1",
        service: "user",
        name: "CreateUser",
        kind: 2,
        startMs: nowMs - 7_200_000,
        durationMs: 20,
        tags: { "rpc.method": "CreateUser" },
      },
      {
        traceId: CONVERT,
        spanId: "1",
        service: "user",
        name: "ConvertImage",
        kind: 2,
        startMs: nowMs - 1_800_000,
        durationMs: 1_500,
      },
      {
        traceId: FAIL,
        spanId: "1",
        service: "user",
        name: "CreateUser",
        kind: 2,
        startMs: nowMs - 60_000,
        isError: true,
      },
      { traceId: FAIL, spanId: "2", parentId: "1", service: "user", name: "query", startMs: nowMs - 59_000 },
    ]);
  });
  afterAll(() => collector.close());

  async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`http://127.0.0.1:${collector.httpPort}/api${path}`);
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  async function find(query: string): Promise<string[]> {
    const { status, body } = await get(`/traces?${query}`);
    expect([status, body["errors"]]).toEqual([200, null]);
    return (body["data"] as { traceID: string }[]).map(({ traceID }) => traceID.slice(-2));
  }

  it("lists services and operations", async () => {
    const envelope = { limit: 0, offset: 0, errors: null };
    expect((await get("/services")).body).toEqual({ data: ["client", "user"], total: 2, ...envelope });
    expect((await get("/services/user/operations")).body).toEqual({
      data: ["ConvertImage", "CreateUser", "query"],
      total: 3,
      ...envelope,
    });
    expect((await get("/operations?service=user&spanKind=server")).body).toEqual({
      data: [
        { name: "ConvertImage", spanKind: "server" },
        { name: "CreateUser", spanKind: "server" },
      ],
      total: 2,
      ...envelope,
    });
    expect((await get("/operations?service=nobody")).body).toEqual({ data: [], total: 0, ...envelope });
  });

  it.each([
    ["a service, newest first", "service=user", [FAIL, CONVERT, CREATE]],
    ["another service", "service=client", [CREATE]],
    ["no service that ever sent", "service=nobody", []],
    ["an operation", "service=user&operation=CreateUser", [FAIL, CREATE]],
    ["the number it may answer", "service=user&limit=1", [FAIL]],
    ["a tag", "service=user&tag=rpc.method:CreateUser", [CREATE]],
    ["tags as JSON, all of which must be there", 'service=user&tags={"error":"true","span.kind":"server"}', [FAIL]],
    ["tags that no single span has together", 'service=user&tags={"error":"true","span.kind":"internal"}', []],
    ["a least duration", "service=user&minDuration=1.4s", [CONVERT]],
    ["a greatest duration", "service=user&operation=CreateUser&maxDuration=2ms", [FAIL]],
    ["a time to look back", "service=user&lookback=1h", [FAIL, CONVERT]],
    [
      "a lookback that Jaeger's page sends with start and end",
      `service=user&lookback=custom&start=1`,
      [FAIL, CONVERT, CREATE],
    ],
  ])("finds traces by %s", async (_what, query, expected) => {
    expect(await find(query)).toEqual(expected);
  });

  it("finds traces by start and end in microseconds", async () => {
    const [start, end] = [nowMs - 3_600_000, nowMs - 600_000].map((ms) => ms * 1000);
    expect(await find(`service=user&start=${start}&end=${end}`)).toEqual([CONVERT]);
  });

  it("finds traces by their ids and names those that are missing", async () => {
    const { body } = await get(`/traces?traceID=${CONVERT}&traceID=dead`);
    expect((body["data"] as { traceID: string }[]).map(({ traceID }) => traceID.slice(-2))).toEqual([CONVERT]);
    expect(body["errors"]).toEqual([{ msg: "trace not found", traceID: "dead".padStart(32, "0") }]);
  });

  it.each([CREATE, CREATE.padStart(32, "0"), CREATE.toUpperCase()])("answers a trace by its id %s", async (id) => {
    const { status, body } = await get(`/traces/${id}`);
    expect(status).toBe(200);
    expect(body["data"]).toMatchObject([{ traceID: CREATE.padStart(32, "0") }]);
  });

  it("answers 404 as Jaeger does for a trace that it does not have", async () => {
    expect(await get("/traces/abc")).toEqual({
      status: 404,
      body: { data: null, total: 0, limit: 0, offset: 0, errors: [{ code: 404, msg: "trace not found" }] },
    });
  });

  it.each([
    ["/traces", "parameter 'service' is required"],
    ["/operations", "parameter 'service' is required"],
    ["/traces?service=a&limit=x", `unable to parse param 'limit': strconv.ParseInt: parsing "x": invalid syntax`],
    ["/traces?service=a&start=1.5", `unable to parse param 'start': strconv.ParseInt: parsing "1.5": invalid syntax`],
    ["/traces?service=a&minDuration=5", `unable to parse param 'minDuration': time: invalid duration "5"`],
    ["/traces?service=a&minDuration=2s&maxDuration=1s", "'maxDuration' should be greater than 'minDuration'"],
    ["/traces?service=a&tag=x", "malformed 'tag' parameter, expecting key:value, received: x"],
    ["/traces?service=a&tags=[]", "malformed 'tags' parameter, cannot unmarshal JSON: not an object"],
    ["/traces/xyz", `strconv.ParseUint: parsing "xyz": invalid syntax`],
    [`/traces/${"a".repeat(33)}`, `TraceID cannot be longer than 32 hex characters: ${"a".repeat(33)}`],
  ])("answers 400 and says why for %s", async (path, msg) => {
    const { status, body } = await get(path);
    expect([status, body]).toEqual([400, { data: null, total: 0, limit: 0, offset: 0, errors: [{ code: 400, msg }] }]);
  });

  it("counts calls between services", async () => {
    const { body } = await get(`/dependencies?endTs=${nowMs}&lookback=86400000`);
    expect(body["data"]).toEqual([{ parent: "client", child: "user", callCount: 1 }]);
    expect((await get(`/dependencies?endTs=${nowMs}&lookback=1000`)).body["data"]).toEqual([]);
  });

  it("indents its answer on request", async () => {
    const answer = await fetch(`http://127.0.0.1:${collector.httpPort}/api/services?prettyPrint=true`);
    expect(await answer.text()).toMatch(/^\{\n {4}"data": \[\n/);
  });

  it("answers 404 below paths that it does not know", async () => {
    const answer = await fetch(`http://127.0.0.1:${collector.httpPort}/api/nothing`);
    expect(answer.status).toBe(404);
  });
});
