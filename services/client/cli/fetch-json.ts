import type { z } from "zod";
import { ENDPOINT_VARIABLES, type Endpoints } from "./endpoints";
import { CommandError } from "./errors";

/** How long the inbox or Jaeger may take to answer, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** An endpoint did not answer, or answered with what is not its protocol. */
class EndpointError extends CommandError {
  constructor(endpoint: keyof Endpoints, url: string, reason: string) {
    super(
      `${endpoint} at ${url} cannot be used (${reason}). Is the stack up? Start it with: make up. ` +
        `If it runs elsewhere, set ${ENDPOINT_VARIABLES[endpoint].env} or MCSV_PORT_OFFSET.`,
    );
  }
}

/**
 * GETs a JSON document from the inbox or from Jaeger and checks its shape.
 *
 * @throws EndpointError when the endpoint cannot be reached or answers something else.
 * @throws CommandError with `missing` as its message when it answers 404.
 */
export async function fetchJson<T>(
  endpoints: Endpoints,
  endpoint: "inbox" | "jaeger",
  path: string,
  schema: z.ZodType<T>,
  missing: string,
): Promise<T> {
  const url = `${endpoints[endpoint]}${path}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((cause: unknown) => {
    throw new EndpointError(endpoint, endpoints[endpoint], reasonOf(cause));
  });
  if (answer.status === 404) throw new CommandError(missing);
  if (!answer.ok) throw new EndpointError(endpoint, endpoints[endpoint], `HTTP ${answer.status}`);
  const parsed = schema.safeParse(await answer.json().catch(() => undefined));
  if (!parsed.success) throw new EndpointError(endpoint, endpoints[endpoint], "the answer has an unknown shape");
  return parsed.data;
}

/** The reason of a failed fetch: undici keeps it in `cause`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  if (cause instanceof Error) return "code" in cause ? String(cause.code) : cause.message;
  return error.message;
}
