import { type Attributes, type Context, context, propagation, type Span, SpanKind, trace } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from "@opentelemetry/semantic-conventions";
import type { TwirpError } from "twirp-ts";
import { recordFailure } from "../../telemetry/record-failure";
import { RPC_SYSTEM } from "../rpc-system";

/** The first attempt of a call, which failed. */
interface FailedAttempt {
  readonly startTime: number;
  readonly endTime: number;
  readonly error: unknown;
}

const METHOD = "POST";

/** The span of one call, over all its attempts. Where there is more than one, each has a span below it. */
export class ClientSpan {
  readonly #span: Span;
  readonly #context: Context;
  readonly #server: Attributes;
  #attempts = 0;
  /** Of a call that is not repeated, the call's span says it all. */
  #first: FailedAttempt | undefined;

  constructor(fullName: string, hostname: string, port: number) {
    const parent = context.active();
    this.#server = { [ATTR_SERVER_ADDRESS]: hostname, [ATTR_SERVER_PORT]: port };
    this.#span = trace.getTracer("mcsv").startSpan(
      fullName,
      {
        kind: SpanKind.CLIENT,
        attributes: { [ATTR_RPC_SYSTEM_NAME]: RPC_SYSTEM, [ATTR_RPC_METHOD]: fullName, ...this.#server },
      },
      parent,
    );
    this.#context = trace.setSpan(parent, this.#span);
  }

  /**
   * Makes one attempt.
   *
   * @param headers get the W3C headers that make the server's span a child of the attempt's, or of the call's where that is the first
   * @param exchange sends and receives; its HTTP requests get no spans from the instrumentation
   */
  async attempt<T>(headers: Record<string, string | number>, exchange: () => Promise<T>): Promise<T> {
    this.#attempts++;
    if (this.#attempts > 1) {
      return this.#furtherAttempt(headers, exchange);
    }
    const startTime = now();
    try {
      return await within(this.#context, headers, exchange);
    } catch (error) {
      this.#first = { startTime, endTime: now(), error };
      throw error;
    }
  }

  /** Ends the span with the call. */
  end(error?: TwirpError): void {
    this.#span.setAttribute(ATTR_RPC_STATUS_CODE, error?.code ?? "ok");
    if (error !== undefined) {
      recordFailure(this.#span, error, { type: error.code, message: error.msg });
    }
    this.#span.end();
  }

  async #furtherAttempt<T>(headers: Record<string, string | number>, exchange: () => Promise<T>): Promise<T> {
    if (this.#first !== undefined) {
      const { startTime, endTime, error } = this.#first;
      this.#first = undefined;
      const first = this.#startAttempt({}, startTime);
      recordFailure(first, error);
      first.end(endTime);
    }
    const span = this.#startAttempt({ [ATTR_HTTP_REQUEST_RESEND_COUNT]: this.#attempts - 1 });
    try {
      return await within(trace.setSpan(this.#context, span), headers, exchange);
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  #startAttempt(attributes: Attributes, startTime?: number): Span {
    const common = { [ATTR_HTTP_REQUEST_METHOD]: METHOD, ...this.#server };
    const options = { kind: SpanKind.CLIENT, attributes: { ...common, ...attributes } };
    return trace
      .getTracer("mcsv")
      .startSpan(METHOD, startTime === undefined ? options : { ...options, startTime }, this.#context);
  }
}

/** Milliseconds since the epoch, by the clock that spans go by. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function within<T>(parent: Context, headers: Record<string, string | number>, exchange: () => T): T {
  propagation.inject(parent, headers);
  return context.with(suppressTracing(parent), exchange);
}
