import type { Context } from "koa";
import Router from "koa-router";
import { integer, parseTraceQuery, QueryError } from "./trace-query";
import type { TraceStore } from "./trace-store";

const DEFAULT_DEPENDENCY_LOOKBACK_MS = 24 * 3_600_000;

/**
 * Jaeger's query API, as its web page and Grafana's data source use it: services, operations, traces, dependencies.
 * Answers and errors have Jaeger's envelope and texts.
 */
export function queryApi(store: TraceStore) {
  const router = new Router({ prefix: "/api" });

  router.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof QueryError)) {
        throw error;
      }
      answerError(ctx, 400, error.message);
    }
  });

  router.get("/services", (ctx) => answerList(ctx, store.services()));

  router.get("/services/:service/operations", (ctx) => {
    const operations = store.operations(ctx.params["service"] ?? "", "");
    answerList(ctx, [...new Set(operations.map(({ name }) => name))]);
  });

  router.get("/operations", (ctx) => {
    const service = new URLSearchParams(ctx.querystring).get("service") ?? "";
    if (service === "") {
      throw new QueryError("parameter 'service' is required");
    }
    answerList(ctx, store.operations(service, new URLSearchParams(ctx.querystring).get("spanKind") ?? ""));
  });

  router.get("/traces", (ctx) => {
    const params = new URLSearchParams(ctx.querystring);
    const ids = params.getAll("traceID");
    if (ids.length > 0) {
      answerTraces(
        ctx,
        store,
        ids.map((id) => parseTraceId(id, "cannot parse traceID param: ")),
      );
      return;
    }
    answer(ctx, store.find(parseTraceQuery(params, Date.now())));
  });

  router.get("/traces/:traceID", (ctx) => {
    const trace = store.get(parseTraceId(ctx.params["traceID"] ?? "", ""));
    if (trace === undefined) {
      answerError(ctx, 404, "trace not found");
    } else {
      answer(ctx, [trace]);
    }
  });

  router.get("/dependencies", (ctx) => {
    const endMs = integer(new URLSearchParams(ctx.querystring), "endTs") ?? Date.now();
    const lookbackMs = integer(new URLSearchParams(ctx.querystring), "lookback") ?? DEFAULT_DEPENDENCY_LOOKBACK_MS;
    answer(ctx, store.dependencies((endMs - lookbackMs) * 1000, endMs * 1000));
  });

  return router.routes();
}

interface StructuredError {
  code?: number;
  msg: string;
  traceID?: string;
}

function answer(ctx: Context, data: unknown, total = 0, errors: StructuredError[] | null = null): void {
  ctx.body = { data, total, limit: 0, offset: 0, errors };
}

function answerList(ctx: Context, data: unknown[]): void {
  answer(ctx, data, data.length);
}

function answerError(ctx: Context, code: number, msg: string): void {
  ctx.status = code;
  answer(ctx, null, 0, [{ code, msg }]);
}

/** Traces by their ids; those that are missing are named beside the others. */
function answerTraces(ctx: Context, store: TraceStore, ids: string[]): void {
  const found = ids.map((id) => ({ id, trace: store.get(id) }));
  const missing = found.filter(({ trace }) => trace === undefined);
  answer(
    ctx,
    found.flatMap(({ trace }) => (trace === undefined ? [] : [trace])),
    0,
    missing.length === 0 ? null : missing.map(({ id }) => ({ msg: "trace not found", traceID: id })),
  );
}

/** Jaeger takes ids without their leading zeros too. */
function parseTraceId(text: string, prefix: string): string {
  if (text.length > 32) {
    throw new QueryError(`${prefix}TraceID cannot be longer than 32 hex characters: ${text}`);
  }
  if (!/^[0-9a-fA-F]+$/.test(text)) {
    throw new QueryError(`${prefix}strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return text.toLowerCase().padStart(32, "0");
}
