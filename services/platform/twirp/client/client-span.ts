import { type Context, context, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import {
  ATTR_ERROR_TYPE,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from "@opentelemetry/semantic-conventions";
import type { TwirpError } from "twirp-ts";
import { RPC_SYSTEM } from "../rpc-system";

/** The span of one call, over all its attempts. */
export class ClientSpan {
  readonly #span: Span;
  readonly #context: Context;

  constructor(fullName: string, hostname: string, port: number) {
    const parent = context.active();
    this.#span = trace.getTracer("mcsv").startSpan(
      fullName,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          [ATTR_RPC_SYSTEM_NAME]: RPC_SYSTEM,
          [ATTR_RPC_METHOD]: fullName,
          [ATTR_SERVER_ADDRESS]: hostname,
          [ATTR_SERVER_PORT]: port,
        },
      },
      parent,
    );
    this.#context = trace.setSpan(parent, this.#span);
  }

  /** Adds the W3C headers that make the server's span a child of this one. */
  inject(headers: Record<string, string | number>): void {
    propagation.inject(this.#context, headers);
  }

  /** Runs an attempt so that the HTTP instrumentation makes no second span of it. */
  run<T>(attempt: () => T): T {
    return context.with(suppressTracing(this.#context), attempt);
  }

  /** Notes that an attempt failed and another will follow. */
  retrying(attempt: number, error: TwirpError, delayMs: number): void {
    this.#span.addEvent("retry", {
      "rpc.attempt": attempt,
      [ATTR_ERROR_TYPE]: error.code,
      "exception.message": error.msg,
      "retry.delay_ms": Math.round(delayMs),
    });
  }

  /** Ends the span with the call. */
  end(error?: TwirpError): void {
    this.#span.setAttribute(ATTR_RPC_STATUS_CODE, error?.code ?? "ok");
    if (error !== undefined) {
      this.#span.setAttribute(ATTR_ERROR_TYPE, error.code);
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error.msg });
    }
    this.#span.end();
  }
}
