import { PassThrough, Writable } from "node:stream";
import { context, ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { RandomIdGenerator } from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noteSubject, runInRequestContext } from "../http/request-context";
import { closeLogger, createLogger, KEPT, type LoggerOptions } from "./create-logger";

const telemetry = new NodeSDK({
  autoDetectResources: false,
  spanProcessors: [
    {
      onStart: () => undefined,
      onEnd: () => undefined,
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
  ],
  metricReaders: [],
  logRecordProcessors: [],
});

beforeAll(() => telemetry.start());
afterAll(() => telemetry.shutdown());

/** A logger into memory, and what it has written so far. */
function logToMemory(options: Partial<LoggerOptions> = {}) {
  const stream = new PassThrough();
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const logger = createLogger({ service: "sample", level: "debug", format: "json", ...options, stream });
  const lines = async (): Promise<string[]> => {
    await closeLogger(logger);
    stream.end();
    await new Promise((resolve) => stream.once("close", resolve));
    return text.trimEnd().split("\n");
  };
  return { logger, stream, lines, records: async () => (await lines()).map((line): unknown => JSON.parse(line)) };
}

describe("a JSON line", () => {
  it("has time, level, service, message, then the fields", async () => {
    const { logger, records } = logToMemory();
    logger.warn("disk is full", { path: "/tmp", free_bytes: 0 });
    const [record] = await records();
    expect(record).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: "warn",
      service: "sample",
      message: "disk is full",
      path: "/tmp",
      free_bytes: 0,
    });
    expect(Object.keys(record as object).slice(0, 4)).toEqual(["time", "level", "service", "message"]);
  });

  it("has the trace, span and request of the calling code", async () => {
    const { logger, records } = logToMemory();
    const { traceId, spanId } = trace.getTracer("test").startActiveSpan("work", (span) => {
      runInRequestContext({ requestId: "r-1" }, () => logger.info("inside"));
      span.end();
      return span.spanContext();
    });
    logger.info("outside");
    const [inside, outside] = await records();
    expect(inside).toMatchObject({ trace_id: traceId, span_id: spanId, request_id: "r-1" });
    expect(Object.keys(outside as object)).toEqual(["time", "level", "service", "message"]);
  });

  it("keeps the request of the calling code, and the object as it was, while the stream is full", async () => {
    const written: Buffer[] = [];
    const pending: (() => void)[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => {
        written.push(chunk);
        pending.push(done);
      },
    });
    const logger = createLogger({ service: "sample", level: "info", format: "json", stream: slow });
    const progress = { count: 0 };
    for (let index = 0; index < 100; index++) {
      progress.count = index;
      runInRequestContext({ requestId: `r-${index}` }, () => logger.info("step", { progress }));
    }
    const closed = closeLogger(logger);
    const drain = setInterval(() => pending.shift()?.(), 0);
    await closed;
    clearInterval(drain);
    const records = Buffer.concat(written)
      .toString()
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(records).toHaveLength(100);
    expect(records[99]).toMatchObject({ request_id: "r-99", progress: { count: 99 } });
    expect(records[42]).toMatchObject({ request_id: "r-42", progress: { count: 42 } });
  });

  it("has the fields of child loggers", async () => {
    const { logger, records } = logToMemory();
    logger.child({ job_id: "j-1" }).child({ attempt: 2 }).info("working", { step: 3 });
    expect(await records()).toMatchObject([{ message: "working", job_id: "j-1", attempt: 2, step: 3 }]);
  });

  it("keeps the fields of a message that looks like a format string", async () => {
    const { logger, records } = logToMemory();
    logger.info("100%d of %s", { job_id: "j-1" });
    expect(await records()).toMatchObject([{ message: "100%d of %s", job_id: "j-1" }]);
  });

  it("cannot be given another service, level or time by a field", async () => {
    const { logger, records } = logToMemory();
    logger.info("hello", { service: "other", time: "never", trace_id: "forged" });
    const [record] = await records();
    expect(record).toMatchObject({ service: "sample", level: "info", time: expect.stringMatching(/^20/) });
    expect(record).not.toHaveProperty("trace_id");
  });

  it.each([
    ["as a field", (error: Error) => ["it failed", { error }] as const, "it failed"],
    ["as the second argument", (error: Error) => ["it failed", error] as const, "it failed boom"],
    ["alone", (error: Error) => [error] as const, "boom"],
  ])("describes an error given %s", async (_how, args, message) => {
    const { logger, records } = logToMemory();
    const error = new TypeError("boom", { cause: new Error("deeper") });
    const [first, second] = args(error);
    if (second === undefined) {
      logger.error(first);
    } else {
      logger.error(String(first), second);
    }
    const [record] = await records();
    expect(record).toMatchObject({
      level: "error",
      message,
      error: {
        type: "TypeError",
        message: "boom",
        stack: expect.stringContaining("create-logger.test.ts"),
        cause: { message: "deeper" },
      },
    });
    expect(record).not.toHaveProperty("stack");
  });

  it("is one line whatever the text", async () => {
    const { logger, lines } = logToMemory();
    logger.info('two\nlines "and" \u2028 more', { "a\nkey": "b\r\n" });
    expect(await lines()).toHaveLength(1);
  });

  it("has no secrets, bodies and presigned query strings, in the message or in any field", async () => {
    const { logger, lines } = logToMemory();
    const url = "http://127.0.0.1:9000/mcsv/k?X-Amz-Credential=AKIA&X-Amz-Signature=abcdef";
    logger.info(`fetching ${url}`, {
      url,
      nested: { list: [url] },
      error: new Error(url),
      password: "hunter2",
      html: "<b>",
    });
    logger.child({ url }).info("again");
    const text = (await lines()).join("\n");
    expect(text).toContain("http://127.0.0.1:9000/mcsv/k?[redacted]");
    expect(text).not.toMatch(/abcdef|AKIA|hunter2|<b>/);
  });
});

describe("levels", () => {
  it.each([
    ["error", ["error"]],
    ["warn", ["error", "warn"]],
    ["info", ["error", "warn", "info"]],
    ["debug", ["error", "warn", "info", "debug"]],
  ] as const)("%s lets %j through, for child loggers too", async (level, expected) => {
    const { logger, records } = logToMemory({ level });
    for (const called of ["error", "warn", "info", "debug"] as const) {
      logger[called]("message");
      logger.child({})[called]("message");
    }
    const levels = (await records()).map((record) => (record as { level: string }).level);
    expect([...new Set(levels)]).toEqual(expected);
    expect(levels).toHaveLength(expected.length * 2);
  });
});

describe("sampling", () => {
  /** Logs a line of every level, and one that is kept always, in each of many traces; gives what was written by trace. */
  async function linesByTrace(sampleRatio: number, traces: number) {
    const { logger, records } = logToMemory({ sampleRatio });
    for (let index = 0; index < traces; index++) {
      trace.getTracer("test").startActiveSpan("work", (span) => {
        for (const level of ["error", "warn", "info", "debug"] as const) {
          logger.child({ index })[level](level);
        }
        logger.info("kept", { index, [KEPT]: true });
        span.end();
      });
    }
    const byTrace = new Map<number, string[]>();
    for (const { index, message } of (await records()) as { index: number; message: string }[]) {
      byTrace.set(index, [...(byTrace.get(index) ?? []), message]);
    }
    return [...byTrace.values()];
  }

  it("keeps the lines of a part of the traces, all or none of a trace's; warnings, errors and marked lines always", async () => {
    const lines = await linesByTrace(0.5, 400);
    expect(lines).toHaveLength(400);
    const all = lines.filter((of) => of.length === 5);
    const graveOnly = lines.filter((of) => of.length === 3);
    expect(all.length + graveOnly.length).toBe(400);
    // Six standard deviations of chance either way.
    expect(all.length).toBeGreaterThan(140);
    expect(all.length).toBeLessThan(260);
    expect(graveOnly[0]).toEqual(["error", "warn", "kept"]);
  });

  it.each([
    [0, ["error", "warn", "kept"]],
    [1, ["error", "warn", "info", "debug", "kept"]],
  ])("at %d keeps %j of each trace", async (ratio, expected) => {
    expect(await linesByTrace(ratio, 5)).toEqual(Array.from({ length: 5 }, () => expected));
  });

  it("keeps what is logged outside of any trace, and never writes the mark", async () => {
    const { logger, lines } = logToMemory({ sampleRatio: 0 });
    logger.info("starting");
    logger.info("marked", { [KEPT]: true });
    const text = (await lines()).join();
    expect(text).toContain("starting");
    expect(text).not.toContain("kept");
  });

  it("keeps a part of the requests where nothing is traced, all or none of a request's lines", async () => {
    const { logger, records } = logToMemory({ sampleRatio: 0.5 });
    for (let index = 0; index < 400; index++) {
      runInRequestContext({ requestId: `r-${index}` }, () => {
        logger.info("begins");
        logger.warn("stumbles");
        logger.info("ends");
      });
    }
    const linesOf = Map.groupBy((await records()) as { request_id: string }[], ({ request_id: id }) => id);
    const counts = Map.groupBy(linesOf.values(), ({ length }) => length);
    expect([...counts.keys()].sort()).toEqual([1, 3]);
    expect(linesOf.size).toBe(400);
    // Six standard deviations of chance either way.
    expect(counts.get(3)?.length).toBeGreaterThan(140);
    expect(counts.get(3)?.length).toBeLessThan(260);
  });

  it("keeps what names a conversion as long as its trace is recorded, so that the id leads there", async () => {
    const { logger, records } = logToMemory({ sampleRatio: 0 });
    const ids = new RandomIdGenerator();
    for (const traceFlags of [TraceFlags.SAMPLED, TraceFlags.NONE]) {
      const span = { traceId: ids.generateTraceId(), spanId: ids.generateSpanId(), traceFlags };
      context.with(trace.setSpanContext(ROOT_CONTEXT, span), () => {
        logger.info("by field", { traceFlags, conversion_id: "c-1" });
        logger.info("of a user", { traceFlags, user_id: "u-1" });
        runInRequestContext({ requestId: "r-1" }, () => {
          noteSubject({ conversionId: "c-1" });
          logger.info("by request", { traceFlags });
        });
      });
    }
    expect(await records()).toEqual([
      expect.objectContaining({ message: "by field", traceFlags: TraceFlags.SAMPLED, conversion_id: "c-1" }),
      expect.objectContaining({ message: "by request", traceFlags: TraceFlags.SAMPLED, conversion_id: "c-1" }),
    ]);
  });
});

describe("a pretty line", () => {
  it("shows time, level, service, message and fields, and the stack of an error below", async () => {
    const { logger, lines } = logToMemory({ format: "pretty" });
    logger.info("user created", { user_id: "u-1", note: "two words", count: 3 });
    logger.error("it failed", { error: new Error("boom") });
    const [first, second, ...stack] = await lines();
    expect(first).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}sample user created user_id=u-1 note="two words" count=3$/);
    expect(second).toMatch(/^\S+ ERROR sample it failed error=/);
    expect(stack.join("\n")).toContain("create-logger.test.ts");
  });

  it("sends no control characters of others to the terminal", async () => {
    const { logger, lines } = logToMemory({ format: "pretty" });
    logger.info("\u001b[2Jgone\nfake line", { name: "\u001b]0;title\u0007" });
    const [line, ...more] = await lines();
    expect(more).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f]/);
  });

  it("is chosen, with colours, for a terminal; JSON for anything else", async () => {
    const terminal = logToMemory({ format: "auto" });
    const tty = Object.assign(new PassThrough(), { isTTY: true });
    let shown = "";
    tty.on("data", (chunk: Buffer) => {
      shown += chunk.toString();
    });
    const logger = createLogger({ service: "sample", level: "info", format: "auto", stream: tty });
    logger.info("hello");
    await closeLogger(logger);
    await expect.poll(() => shown).toContain("\u001b[");
    expect(shown).toContain("hello");
    terminal.logger.info("hello");
    expect(await terminal.records()).toMatchObject([{ message: "hello" }]);
  });
});

describe("closeLogger", () => {
  // Around the sizes of the buffers on the way, where the last lines are still in one of them when the logger ends.
  it.each([1, 16, 17, 999, 1_000, 1_001, 1_008, 1_016, 1_017, 5_000])(
    "resolves when a slow stream has taken every one of %i lines",
    async (count) => {
      let taken = 0;
      const slow = new Writable({
        highWaterMark: 1,
        write: (chunk: Buffer, _encoding, done) => {
          setImmediate(() => {
            taken += chunk.toString().split("\n").length - 1;
            done();
          });
        },
      });
      const logger = createLogger({ service: "sample", level: "info", format: "json", stream: slow });
      for (let index = 0; index < count; index++) {
        logger.info("line", { index });
      }
      await closeLogger(logger);
      expect(taken).toBe(count);
    },
  );

  it("drops what is logged afterwards, and can be called again", async () => {
    const { logger, stream } = logToMemory();
    await closeLogger(logger);
    logger.info("too late");
    logger.child({}).info("too late");
    await closeLogger(logger);
    expect(stream.readableLength).toBe(0);
  });

  it("resolves, and nothing crashes, when the stream is broken", async () => {
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error("EPIPE")) });
    const logger = createLogger({ service: "sample", level: "info", format: "json", stream: broken });
    for (let index = 0; index < 100; index++) {
      logger.info("line", { index });
    }
    await closeLogger(logger);
    expect(broken.destroyed).toBe(true);
  });
});
