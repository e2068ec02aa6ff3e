import type { TwirpError } from "twirp-ts";
import type { Logger } from "winston";
import { currentRequestId } from "../../http/request-context";
import type { ClientCallMetrics } from "../call-metrics";
import { contentDigest, DIGEST_HEADER, isIntact } from "../content-digest";
import { TIMEOUT_HEADER } from "../deadline";
import { internal, isTwirpError } from "../errors";
import { codecOf } from "../media-type";
import { CallScope } from "./call-scope";
import { type Circuit, isTransient } from "./circuit";
import { ClientSpan } from "./client-span";
import { errorFromAnswer } from "./error-answer";
import { type Endpoint, exchange, type HttpAnswer, StaleConnectionError } from "./http-exchange";
import { changedAnswer, undecodableAnswer } from "./transport-error";
import type { Authorization, CallOptions, RetryDelayOptions } from "./transport-options";

/** What all calls of a transport share. */
export interface ClientSettings {
  readonly endpoint: Endpoint;
  readonly circuit: Circuit;
  readonly metrics: ClientCallMetrics;
  readonly logger: Logger | undefined;
  readonly authorization: Authorization | undefined;
  /** Path before `/<service>/<method>`. */
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly retryDelay: Required<RetryDelayOptions>;
}

type ContentType = "application/json" | "application/protobuf";

/** One call: its attempts, until one is answered for good or the call's time is over. */
export class ClientCall {
  readonly #settings: ClientSettings;
  readonly #options: CallOptions;
  readonly #fullName: string;
  readonly #contentType: ContentType;
  readonly #data: object | Uint8Array;

  constructor(
    settings: ClientSettings,
    options: CallOptions,
    fullName: string,
    contentType: ContentType,
    data: object,
  ) {
    this.#settings = settings;
    this.#options = options;
    this.#fullName = fullName;
    this.#contentType = contentType;
    this.#data = data;
  }

  /** @throws TwirpError, whatever fails. */
  async run(): Promise<object | Uint8Array> {
    const { endpoint, timeoutMs, metrics } = this.#settings;
    const startedMs = performance.now();
    const report = (errorCode: string | undefined) =>
      metrics.record({ method: this.#fullName, errorCode, seconds: (performance.now() - startedMs) / 1000 });
    const span = new ClientSpan(this.#fullName, endpoint.hostname, endpoint.port);
    const scope = new CallScope(this.#options.timeoutMs ?? timeoutMs, endpoint.target, this.#options.signal);
    try {
      const answer = await this.#attempts(scope, span);
      span.end();
      report(undefined);
      return answer;
    } catch (thrown) {
      const error = isTwirpError(thrown) ? thrown : internal(thrown);
      span.end(error);
      report(error.code);
      throw error;
    } finally {
      scope.close();
    }
  }

  async #attempts(scope: CallScope, span: ClientSpan): Promise<object | Uint8Array> {
    const body = encode(this.#data, this.#contentType);
    const maxAttempts = this.#options.idempotent === true ? this.#settings.maxAttempts : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        return await scope.race(this.#settings.circuit.run(() => this.#attempt(body, scope, span), scope));
      } catch (error) {
        const delayMs = fullJitter(attempt, this.#settings.retryDelay);
        if (attempt >= maxAttempts || !isTransient(error) || scope.remainingMs() <= delayMs) {
          throw error;
        }
        this.#logRetry(attempt, error, delayMs);
        await scope.sleep(delayMs);
      }
    }
  }

  async #attempt(body: Uint8Array | string, scope: CallScope, span: ClientSpan): Promise<object | Uint8Array> {
    const { endpoint } = this.#settings;
    const authorization = await (this.#options.authorization ?? this.#settings.authorization)?.();
    const attemptMs = Math.min(scope.remainingMs(), this.#options.attemptTimeoutMs ?? Number.POSITIVE_INFINITY);
    const headers = this.#headers(body, attemptMs, authorization);
    const path = `${this.#settings.prefix}/${this.#fullName}`;
    const send = (fresh: boolean): Promise<object | Uint8Array> =>
      span.attempt(headers, async () =>
        this.#read(await exchange(endpoint, path, headers, body, attemptMs, scope, fresh)),
      );
    try {
      return await send(false);
    } catch (error) {
      if (!(error instanceof StaleConnectionError)) {
        throw error;
      }
      if (this.#options.idempotent !== true) {
        // The server may have closed the connection after it read the request: only the caller knows whether twice is fine.
        throw error.error;
      }
      return await send(true);
    }
  }

  #read(answer: HttpAnswer): object | Uint8Array {
    const { target } = this.#settings.endpoint;
    if (!isIntact(answer.headers[DIGEST_HEADER], answer.body)) {
      throw changedAnswer(target);
    }
    if (answer.status !== 200) {
      throw errorFromAnswer(answer);
    }
    return decode(answer, this.#contentType, target);
  }

  #headers(
    body: Uint8Array | string,
    attemptMs: number,
    authorization: string | undefined,
  ): Record<string, string | number> {
    const headers: Record<string, string | number> = {};
    for (const [name, value] of Object.entries(this.#options.headers ?? {})) {
      headers[name.toLowerCase()] = value;
    }
    if (authorization !== undefined) {
      headers["authorization"] = authorization;
    }
    headers["content-type"] = this.#contentType;
    headers["accept"] = this.#contentType;
    headers["content-length"] = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
    headers[DIGEST_HEADER] = contentDigest(body);
    headers[TIMEOUT_HEADER] = Math.max(1, Math.floor(attemptMs));
    const requestId = currentRequestId();
    if (requestId !== undefined) {
      headers["x-request-id"] = requestId;
    }
    return headers;
  }

  #logRetry(attempt: number, error: TwirpError, delayMs: number): void {
    this.#settings.logger?.debug("call failed, trying again", {
      rpc_method: this.#fullName,
      target: this.#settings.endpoint.target,
      attempt,
      delay_ms: Math.round(delayMs),
      error,
    });
  }
}

function encode(data: object | Uint8Array, contentType: ContentType): Uint8Array | string {
  return contentType === "application/protobuf" && data instanceof Uint8Array ? data : JSON.stringify(data);
}

function decode(answer: HttpAnswer, contentType: ContentType, target: string): object | Uint8Array {
  const header = answer.headers["content-type"];
  if (header !== undefined && codecOf(header) !== codecOf(contentType)) {
    throw undecodableAnswer(target, `is ${header}, not ${contentType}`, undefined);
  }
  if (contentType === "application/protobuf") {
    return answer.body;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(stripByteOrderMark(answer.body.toString("utf8")));
  } catch (error) {
    throw undecodableAnswer(target, "is no JSON", error);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw undecodableAnswer(target, "is no JSON object", undefined);
  }
  return parsed;
}

function stripByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** A random time up to a bound that doubles with every attempt, so that callers who failed together do not come back together. */
function fullJitter(attempt: number, { initialMs, maxMs }: Required<RetryDelayOptions>): number {
  return Math.random() * Math.min(maxMs, initialMs * 2 ** (attempt - 1));
}
