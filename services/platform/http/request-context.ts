import { AsyncLocalStorage } from "node:async_hooks";
import { context as traces } from "@opentelemetry/api";
import type { Subject } from "../telemetry/subject";

/** What belongs to one incoming request, wherever its work goes. */
export interface RequestContext {
  /** Id of the request in logs and in the header `x-request-id`. */
  readonly requestId: string;
  /** Who makes the request, in a few words, once that is known. */
  caller?: string;
  /** Path of the RPC that is called, once that is known. Never what somebody made up. */
  route?: string;
  /** What the request is about, once that is known. */
  subject?: Subject;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work` so that all it does, asynchronously too, belongs to the request. */
export function runInRequestContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/**
 * Binds work that is done later, by somebody else's event, to the request and the span of the calling code. (AsyncResource.bind would
 * do so for everything asynchronous, at many times the cost.)
 */
export function bindToRequest(work: () => void): () => void {
  const request = storage.getStore();
  const active = traces.active();
  return () => traces.with(active, () => (request === undefined ? work() : storage.run(request, work)));
}

/** The request that the calling code works for; `undefined` outside of any. */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

/** Notes which RPC the request calls. */
export function noteRoute(route: string): void {
  const context = storage.getStore();
  if (context !== undefined) {
    context.route = route;
  }
}

/** Notes who makes the request that the calling code works for. */
export function noteCaller(caller: string): void {
  const context = storage.getStore();
  if (context !== undefined) {
    context.caller = caller;
  }
}

/** Notes what the request is about: every further log line of it says so, the one of the call included, and its span does. */
export function noteSubject(subject: Subject): void {
  const context = storage.getStore();
  if (context !== undefined) {
    context.subject = { ...context.subject, ...subject };
  }
}

/** What the request that the calling code works for is about; `undefined` outside of any, and before it is known. */
export function currentSubject(): Subject | undefined {
  return storage.getStore()?.subject;
}

/** Who makes the request that the calling code works for, in a few words; `undefined` outside of any, and before it is known. */
export function currentCaller(): string | undefined {
  return storage.getStore()?.caller;
}

/** Id of the request that the calling code works for; `undefined` outside of any. */
export function currentRequestId(): string | undefined {
  return storage.getStore()?.requestId;
}
