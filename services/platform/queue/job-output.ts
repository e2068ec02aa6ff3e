import type { JobFailure } from "./failure";

/** Attempts that were begun and do not count, and why the latest of them does not. */
export interface Returned {
  times: number;
  /** full: a called service was. stopping: the worker's process was. */
  why: "full" | "stopping";
}

/** What is stored with a job that succeeded. */
export interface CompletedOutput {
  /** What its handler made. */
  result?: object;
  /** Why the attempt before failed. */
  lastFailure?: JobFailure;
  returned?: Returned;
}

/** Makes what is stored with a job that succeeded; undefined when there is nothing to store. */
export function completedOutput(result: unknown, previousOutput: unknown): CompletedOutput | undefined {
  const lastFailure = readFailure(previousOutput);
  const returned = readReturned(previousOutput);
  const output = {
    ...(typeof result === "object" && result !== null && { result }),
    ...(lastFailure !== undefined && { lastFailure }),
    ...(returned !== undefined && { returned }),
  };
  return Object.keys(output).length > 0 ? output : undefined;
}

/** Reads the output of a job that succeeded. */
export function readCompleted(output: unknown): CompletedOutput {
  return isObject(output) ? output : {};
}

/** Reads the output of a job whose latest attempt failed; undefined when none has. */
export function readFailure(output: unknown): JobFailure | undefined {
  if (!isObject(output)) {
    return undefined;
  }
  const { code, message, cause, value } = output as Record<string, unknown>;
  if (typeof code === "string" && typeof message === "string") {
    return { code, message, ...(typeof cause === "string" && { cause }) };
  }
  // pg-boss's own words, on an attempt that went past the queue's last resort.
  return isObject(value) ? { code: "aborted", message: "the attempt was given up" } : undefined;
}

/** Makes what is stored with a job whose attempt failed. */
export function failedOutput(failure: JobFailure, previousOutput: unknown): JobFailure & { returned?: Returned } {
  const returned = readReturned(previousOutput);
  return returned === undefined ? failure : { ...failure, returned };
}

/** Makes what is stored with a job whose attempt was begun and does not count. */
export function returnedOutput(why: Returned["why"], failure: JobFailure | undefined, previousOutput: unknown) {
  const returned: Returned = { times: (readReturned(previousOutput)?.times ?? 0) + 1, why };
  return { ...(failure ?? readFailure(previousOutput)), returned };
}

/** Attempts of a job that were begun and do not count; undefined when there is none. */
export function readReturned(output: unknown): Returned | undefined {
  if (!isObject(output) || !("returned" in output) || !isObject(output.returned)) {
    return undefined;
  }
  const { times, why } = output.returned as Partial<Returned>;
  return typeof times === "number" && (why === "full" || why === "stopping") ? { times, why } : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
