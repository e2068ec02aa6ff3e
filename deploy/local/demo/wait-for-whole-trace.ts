import type { Endpoints } from "../../../services/client/cli/endpoints";
import { CommandError } from "../../../services/client/cli/errors";
import { fetchTrace, type JaegerTrace } from "../../../services/client/cli/jaeger";
import { pollUntil } from "../../../services/client/cli/poll";
import { summarizeTrace } from "../../../services/client/cli/waterfall";

/** Services that a conversion goes through, up to the mail that tells the user and the callbacks. */
const SERVICES = ["user", "job", "image", "email", "client"];

/**
 * Waits until a trace has reached Jaeger from every service of a conversion, and no more spans arrive.
 *
 * @param timeoutMs - when it is still not whole then, what there is of it is returned.
 * @throws CommandError when nothing of it arrived.
 */
export async function waitForWholeTrace(
  endpoints: Endpoints,
  traceId: string,
  timeoutMs: number,
): Promise<JaegerTrace> {
  let spansBefore = -1;
  const trace = await pollUntil({
    timeoutMs,
    poll: () => fetchTrace(endpoints, traceId).catch(() => undefined),
    done: (current) => {
      if (current === undefined) return false;
      const { services, spans, roots } = summarizeTrace(current);
      const isSettled = spans === spansBefore && roots === 1;
      spansBefore = spans;
      return isSettled && SERVICES.every((service) => services.includes(service));
    },
  });
  if (trace === undefined) throw new CommandError(`no span of trace ${traceId} reached ${endpoints.jaeger}`);
  return trace;
}
