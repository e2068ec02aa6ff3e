import type { Middleware } from "koa";
import { readBody } from "../../../services/platform/twirp/host/read-body";
import { type ExportRequest, exportRequest } from "./otlp-trace";
import { MAX_EXPORT_BYTES } from "./trace-receiver";

const PROTOBUF = "application/x-protobuf";

/**
 * Takes traces by OTLP/HTTP in binary protobuf (OTLP specification, "OTLP/HTTP Request"): `POST /v1/traces`. Everything else goes on.
 *
 * @param receive is given each export, decoded; it is confirmed once this returned
 */
export function receiveHttp(receive: (request: ExportRequest) => void): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== "/v1/traces" || ctx.method !== "POST") {
      await next();
      return;
    }
    if (ctx.is(PROTOBUF) === false) {
      ctx.status = 415;
      return;
    }
    const outcome = await readBody(ctx.req, MAX_EXPORT_BYTES);
    if (outcome.kind !== "complete") {
      ctx.status = outcome.kind === "too-large" ? 413 : 400;
      return;
    }
    const request = decode(outcome.body);
    if (request === undefined) {
      ctx.status = 400;
      return;
    }
    receive(request);
    // ExportTraceServiceResponse with no field set: everything was taken.
    ctx.type = PROTOBUF;
    ctx.body = Buffer.alloc(0);
  };
}

function decode(body: Buffer): ExportRequest | undefined {
  try {
    return exportRequest.fromBinary(body, { readUnknownField: false });
  } catch {
    return undefined;
  }
}
