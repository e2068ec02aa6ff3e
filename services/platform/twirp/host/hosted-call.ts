import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Span } from "@opentelemetry/api";
import { chainInterceptors, TwirpContentType, TwirpError } from "twirp-ts";
import { type Caller, describeCaller } from "../../auth/caller";
import { bindToRequest, currentRequestId, noteCaller } from "../../http/request-context";
import type { CallContext } from "../call-context";
import type { ServerCallMetrics } from "../call-metrics";
import { DIGEST_HEADER, isIntact } from "../content-digest";
import { TIMEOUT_HEADER, timeoutOf } from "../deadline";
import { canceled, deadlineExceeded, loggable, malformed, resourceExhausted, unavailable } from "../errors";
import { reportCall } from "./call-report";
import { discardBody } from "./discard-body";
import type { Invoke } from "./generated-server";
import { logFailure } from "./log-failure";
import { announcesMoreThan, readBody } from "./read-body";
import type { Route } from "./routes";
import { runHooks } from "./run-hooks";
import { nameServerSpan, recordCaller } from "./server-span";
import { encodeError, headersOf, judge, statusOf, type WireError } from "./wire-error";
import { writeAnswer } from "./write-answer";

/** One call, from its headers to its answer. The first of these ends it: an answer, an error, the deadline, the caller going away. */
export class HostedCall {
  readonly #route: Route;
  readonly #metrics: ServerCallMetrics;
  readonly #codec: TwirpContentType;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #startedMs = performance.now();
  #span: Span | undefined;
  #timer: NodeJS.Timeout | undefined;
  #deadlineMs = 0;
  #caller: Caller | undefined;
  /** Size of the body, once it is read. */
  #requestBytes: number | undefined;
  #ended = false;
  #whenEnded: (() => void) | undefined;
  #abortReason: TwirpError | undefined;
  #controller: AbortController | undefined;
  #context: CallContext | undefined;

  constructor(
    route: Route,
    metrics: ServerCallMetrics,
    codec: TwirpContentType,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    this.#route = route;
    this.#metrics = metrics;
    this.#codec = codec;
    this.#request = request;
    this.#response = response;
  }

  /** Serves the call. Resolves when the answer is handed to the socket, or nobody waits for one; never rejects. */
  run(): Promise<void> {
    this.#span = nameServerSpan(this.#route);
    return new Promise((resolve) => {
      this.#whenEnded = resolve;
      // Bound, because the connection closes outside of the request: its lines belong to it all the same.
      this.#response.on(
        "close",
        bindToRequest(() => this.#onClose()),
      );
      this.#serve()
        .catch((thrown: unknown) => this.#fail(thrown))
        .catch((thrown: unknown) => this.#giveUp(thrown));
    });
  }

  async #serve(): Promise<void> {
    const { limits, method } = this.#route;
    const timeoutMs = timeoutOf(this.#request.headers[TIMEOUT_HEADER], limits.maxDeadlineMs);
    this.#deadlineMs = Date.now() + timeoutMs;
    this.#timer = setTimeout(() => this.#onDeadline(), timeoutMs);
    const caller = await this.#route.entrance(this.#request.headers);
    if (this.#ended) {
      return;
    }
    this.#enter(caller);
    if (method.hooks.length > 0) {
      const context = this.#callContext(caller);
      await runHooks(method.hooks, "requestReceived", context);
      await runHooks(method.hooks, "requestRouted", context);
    }
    const body = await this.#readBody(limits.maxBodyBytes);
    if (this.#ended) {
      return;
    }
    this.#requestBytes = body.length;
    const answer = await this.#run(body, (request) => this.#invoke(caller, request));
    if (method.hooks.length > 0 && !this.#ended) {
      await runHooks(method.hooks, "responsePrepared", this.#callContext(caller));
    }
    this.#succeed(answer);
  }

  /** From here on it is known who calls: to the trace, to every log line, and to the implementation. */
  #enter(caller: Caller): void {
    this.#caller = caller;
    const description = describeCaller(caller);
    recordCaller(this.#span, description);
    noteCaller(description);
  }

  async #readBody(maxBytes: number): Promise<Buffer> {
    const encoding = this.#request.headers["content-encoding"];
    if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
      throw malformed("compressed request bodies are not accepted");
    }
    if (announcesMoreThan(this.#request, maxBytes)) {
      throw tooLarge(maxBytes);
    }
    const outcome = await readBody(this.#request, maxBytes);
    switch (outcome.kind) {
      case "complete":
        break;
      case "too-large":
        throw tooLarge(maxBytes);
      case "failed":
        throw canceled("failed to read request: context canceled", outcome.error);
    }
    if (!isIntact(this.#request.headers[DIGEST_HEADER], outcome.body)) {
      throw unavailable(`the request was changed on its way: its body is not what ${DIGEST_HEADER} says`);
    }
    if (this.#codec === TwirpContentType.JSON && (outcome.body.length === 0 || !isUtf8(outcome.body))) {
      throw malformed(UNDECODABLE_JSON);
    }
    return outcome.body;
  }

  /** With a contract, JSON is decoded by its rules, which name the field that is wrong, and the generated code gets no body to decode. */
  #run(body: Buffer, invoke: Invoke): Promise<string | Uint8Array> {
    const { method, rules } = this.#route;
    return rules === undefined || this.#codec !== TwirpContentType.JSON
      ? method.run(this.#codec, body, invoke)
      : method.run(this.#codec, NO_BODY, () => invoke(rules.decodeJson(body)));
  }

  async #invoke(caller: Caller, request: object): Promise<object> {
    const { method, rules } = this.#route;
    rules?.check(request);
    const context = this.#callContext(caller);
    const interceptor = method.interceptors.length > 0 ? chainInterceptors(...method.interceptors) : undefined;
    const response =
      interceptor === undefined
        ? await method.implementation(context, request)
        : await interceptor(context, request, async (inner, input) => method.implementation(inner, input));
    if (typeof response !== "object" || response === null) {
      throw new TypeError(`${method.fullName} returned ${response === null ? "null" : typeof response}, not a message`);
    }
    return response;
  }

  #callContext(caller: Caller): CallContext {
    this.#context ??= this.#newContext(caller);
    return this.#context;
  }

  /** Plain values, so that interceptors may spread it. (Accessors would make V8 build a hidden class per call.) */
  #newContext(caller: Caller): CallContext {
    const { packageName, serviceName, methodName } = this.#route.method;
    this.#controller = new AbortController();
    if (this.#abortReason !== undefined) {
      this.#controller.abort(this.#abortReason);
    }
    return {
      packageName,
      serviceName,
      methodName,
      contentType: this.#codec,
      req: this.#request,
      res: this.#response,
      caller,
      signal: this.#controller.signal,
      deadlineMs: this.#deadlineMs,
      requestId: currentRequestId() ?? randomUUID(),
      logger: this.#route.logger,
    };
  }

  #abort(reason: TwirpError): void {
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  #onDeadline(): void {
    const error = deadlineExceeded(
      this.#requestBytes !== undefined ? "deadline exceeded" : "failed to read request: deadline exceeded",
    );
    this.#fail(error);
    this.#abort(error);
  }

  #onClose(): void {
    if (!this.#ended) {
      const error = canceled("the caller closed the connection");
      this.#end();
      this.#report(error, 0);
      this.#abort(error);
    }
    const { hooks } = this.#route.method;
    if (hooks.length > 0 && this.#caller !== undefined) {
      runHooks(hooks, "responseSent", this.#callContext(this.#caller)).catch((thrown: unknown) =>
        this.#logHookFailure(thrown),
      );
    }
  }

  #succeed(answer: string | Uint8Array): void {
    if (!this.#end()) {
      return;
    }
    this.#report(undefined, answer.length);
    const json = this.#codec === TwirpContentType.JSON;
    this.#write(200, json ? "application/json" : "application/protobuf", answer);
  }

  #fail(thrown: unknown): void {
    if (!this.#end()) {
      return;
    }
    const { wire, unexpected } = judge(thrown, randomUUID);
    logFailure(this.#route.logger, wire, unexpected, thrown);
    const body = encodeError(wire);
    this.#report(wire, body.length, thrown);
    const { hooks } = this.#route.method;
    if (hooks.length > 0 && this.#caller !== undefined) {
      const error = new TwirpError(wire.code, wire.msg);
      runHooks(hooks, "error", this.#callContext(this.#caller), error).catch((failure: unknown) =>
        this.#logHookFailure(failure),
      );
    }
    this.#write(statusOf(wire.code), "application/json", body, headersOf(wire));
    discardBody(this.#request);
  }

  #report(error: Pick<WireError, "code" | "msg"> | undefined, responseBytes: number, thrown: unknown = error): void {
    reportCall(this.#metrics, {
      span: this.#span,
      logger: this.#route.logger,
      method: this.#route.method.fullName,
      error,
      thrown,
      startedMs: this.#startedMs,
      requestBytes: this.#requestBytes ?? 0,
      responseBytes,
    });
  }

  /** The error could not even be told: ends the connection, so that nobody waits. */
  #giveUp(thrown: unknown): void {
    this.#response.destroy();
    this.#route.logger.error("an error could not be answered", { error: thrown });
  }

  #write(status: number, contentType: string, body: string | Uint8Array, headers?: Record<string, string>): void {
    const response = this.#response;
    if (!response.headersSent && !response.destroyed) {
      writeAnswer(response, status, contentType, body, headers);
    }
  }

  /** Ends the call, once. */
  #end(): boolean {
    if (this.#ended) {
      return false;
    }
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#whenEnded?.();
    return true;
  }

  #logHookFailure(thrown: unknown): void {
    this.#route.logger.error("hook failed", { error: loggable(thrown) });
  }
}

/** Stands for an empty message in generated code. */
const NO_BODY = Buffer.alloc(0);
/** What generated code says of JSON that it cannot decode, as does Go's. */
const UNDECODABLE_JSON = "the json request could not be decoded";

function tooLarge(maxBytes: number): TwirpError {
  return resourceExhausted(`request body is larger than ${maxBytes} bytes`, {
    max_body_bytes: String(maxBytes),
    permanent: "true",
  });
}
