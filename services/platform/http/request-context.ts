import { AsyncLocalStorage } from "node:async_hooks";

/** What belongs to one incoming request, wherever its work goes. */
export interface RequestContext {
  /** Id of the request in logs and in the header `x-request-id`. */
  readonly requestId: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work` so that all it does, asynchronously too, belongs to the request. */
export function runInRequestContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** Id of the request that the calling code works for; `undefined` outside of any. */
export function currentRequestId(): string | undefined {
  return storage.getStore()?.requestId;
}
