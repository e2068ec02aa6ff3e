import { redactText } from "./redact";

/** An error as it is logged. */
export interface ErrorDescription {
  /** Name of its class. */
  type: string;
  message: string;
  /** Code such as `ECONNREFUSED`, an SQLSTATE or a Twirp code, where it has one. */
  code?: string | number;
  stack?: string;
  cause?: ErrorDescription;
}

const MAX_CAUSES = 5;

/** Describes anything thrown, with the chain of its causes. Never throws itself, whatever the value's getters do. */
export function describeError(thrown: unknown, depth = 0): ErrorDescription {
  if (!(thrown instanceof Error)) {
    return { type: typeof thrown, message: redactText(textOf(thrown)) };
  }
  const description: ErrorDescription = { type: nameOf(thrown), message: redactText(errorMessage(thrown)) };
  const code = read(thrown, "code");
  if (typeof code === "string" || typeof code === "number") {
    description.code = code;
  }
  const stack = read(thrown, "stack");
  if (typeof stack === "string") {
    description.stack = redactText(stack);
  }
  const cause = causeOf(thrown);
  if (cause !== undefined && cause !== null && depth < MAX_CAUSES) {
    description.cause = describeError(cause, depth + 1);
  }
  return description;
}

/**
 * The message of anything thrown, never empty: the messages of its parts for an AggregateError (as Node gives when every
 * address of a host refuses), else its code or the name of its class.
 */
export function errorMessage(thrown: unknown): string {
  if (!(thrown instanceof Error)) {
    return textOf(thrown);
  }
  const message = read(thrown, "message");
  if (typeof message === "string" && message !== "") {
    return message;
  }
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    return thrown.errors.map((part) => (part === thrown ? nameOf(thrown) : errorMessage(part))).join("; ");
  }
  const code = read(thrown, "code");
  return typeof code === "string" ? code : nameOf(thrown);
}

/** The cause; twirp-ts has a method of that name in place of the standard property. */
function causeOf(error: Error): unknown {
  const cause = read(error, "cause");
  try {
    return typeof cause === "function" ? cause.call(error) : cause;
  } catch (failure) {
    return failure;
  }
}

function nameOf(error: Error): string {
  const name = read(error, "name");
  return typeof name === "string" && name !== "" ? name : "Error";
}

/** A text for anything at all, objects without a prototype included. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `a value of type ${typeof value} without a text`;
  }
}

function read(error: Error, property: "name" | "message" | "stack" | "cause" | "code"): unknown {
  try {
    return (error as { [key in typeof property]?: unknown })[property];
  } catch {
    return undefined;
  }
}
