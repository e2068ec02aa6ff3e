import type { JobFailure } from "./failure";

/** What is stored with a job that succeeded. */
export interface CompletedOutput {
  /** What its handler made. */
  result?: object;
  /** Why the attempt before failed. */
  lastFailure?: JobFailure;
}

/** Makes what is stored with a job that succeeded; undefined when there is nothing to store. */
export function completedOutput(result: unknown, previousOutput: unknown): CompletedOutput | undefined {
  const lastFailure = readFailure(previousOutput);
  const output = {
    ...(typeof result === "object" && result !== null && { result }),
    ...(lastFailure !== undefined && { lastFailure }),
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
  const { code, message, value } = output as Record<string, unknown>;
  if (typeof code === "string" && typeof message === "string") {
    return { code, message };
  }
  // pg-boss's own words, on an attempt that went past the queue's last resort.
  return isObject(value) ? { code: "aborted", message: "the attempt was given up" } : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
