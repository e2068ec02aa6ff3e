import { type Span, trace } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_RPC_METHOD,
  ATTR_RPC_METHOD_ORIGINAL,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
} from "@opentelemetry/semantic-conventions";
import { currentSubject, noteRoute } from "../../http/request-context";
import { recordFailure } from "../../telemetry/record-failure";
import { subjectAttributes } from "../../telemetry/subject";
import { isServerFault } from "../errors";
import { RPC_SYSTEM } from "../rpc-system";
import type { Route } from "./routes";
import type { WireError } from "./wire-error";

/** Who made the call: "job service", "application local", "user 6f1c…". No convention has a name for all three. */
const ATTR_CALLER = "mcsv.caller";

/** Name in place of a method's for calls to what is no method: the conventions' own. */
export const UNROUTED_METHOD = "_OTHER";

/**
 * Makes the HTTP server span that is active, if any, the span of a method: one span per call, since every further one costs. The
 * request's metrics learn the route.
 */
export function nameServerSpan(route: Route): Span | undefined {
  noteRoute(route.path);
  const span = recordingSpan();
  span?.setAttribute(ATTR_RPC_SYSTEM_NAME, RPC_SYSTEM);
  span?.setAttribute(ATTR_RPC_METHOD, route.method.fullName);
  span?.updateName(route.method.fullName);
  return span;
}

/** Marks the active HTTP server span as that of a call to a method that does not exist. */
export function nameUnroutedSpan(path: string): Span | undefined {
  const span = recordingSpan();
  span?.setAttribute(ATTR_RPC_SYSTEM_NAME, RPC_SYSTEM);
  span?.setAttribute(ATTR_RPC_METHOD, UNROUTED_METHOD);
  span?.setAttribute(ATTR_RPC_METHOD_ORIGINAL, path);
  return span;
}

/** Puts who makes the call on its span. */
export function recordCaller(span: Span | undefined, caller: string): void {
  span?.setAttribute(ATTR_CALLER, caller);
}

/**
 * Puts how the call ended on its span, and what it was about.
 *
 * @param error what was answered instead of a message
 * @param thrown what made it fail; recorded when the service was at fault
 */
export function recordOutcome(
  span: Span | undefined,
  error: Pick<WireError, "code" | "msg"> | undefined,
  thrown: unknown,
): void {
  if (span === undefined) {
    return;
  }
  span.setAttribute(ATTR_RPC_STATUS_CODE, error?.code ?? "ok");
  const subject = currentSubject();
  if (subject !== undefined) {
    span.setAttributes(subjectAttributes(subject));
  }
  if (error === undefined) {
    return;
  }
  if (isServerFault(error.code)) {
    recordFailure(span, thrown, { type: error.code, message: error.msg });
  } else {
    span.setAttribute(ATTR_ERROR_TYPE, error.code);
  }
}

function recordingSpan(): Span | undefined {
  const span = trace.getActiveSpan();
  return span?.isRecording() ? span : undefined;
}
