import { z } from "zod";
import { ENDPOINT_VARIABLES, type Endpoints } from "../endpoints";
import { CommandError } from "../errors";
import { reasonOf } from "../fetch-json";
import { type Output, table } from "../output";

/** How long a probe may take, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

/** Where each endpoint says whether it is ready. */
const PROBES = {
  user: "/readyz",
  job: "/readyz",
  email: "/readyz",
  image: "/readyz",
  client: "/readyz",
  docs: "/readyz",
  redoc: "/readyz",
  inbox: "/readyz",
  jaeger: "/api/services",
} as const satisfies Record<keyof Endpoints, string>;

const readiness = z.object({
  dependencies: z.record(z.string(), z.object({ ready: z.boolean(), reason: z.string().optional() })).optional(),
});

interface Health {
  readonly name: string;
  readonly url: string;
  readonly ready: boolean;
  /** Why it is not ready, or what it depends on. */
  readonly detail: string;
}

/**
 * Prints the health of everything.
 *
 * @throws CommandError when something is not ready.
 */
export async function showStatus(endpoints: Endpoints, output: Output): Promise<void> {
  const names = Object.keys(ENDPOINT_VARIABLES) as (keyof Endpoints)[];
  const all = await Promise.all(names.map((name) => probe(name, endpoints[name])));
  const rows = all.map(({ name, url, ready, detail }) => [name, ready ? "ready" : "NOT READY", url, detail]);
  output.line(table(["what", "state", "url", "detail"], rows));
  output.document({ ready: all.every(({ ready }) => ready), endpoints: all });
  const down = all.filter(({ ready }) => !ready).map(({ name }) => name);
  if (down.length > 0) throw new CommandError(`not ready: ${down.join(", ")}. Is the stack up? Start it with: make up`);
}

async function probe(name: keyof Endpoints, url: string): Promise<Health> {
  try {
    const answer = await fetch(`${url}${PROBES[name]}`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    const body = readiness.safeParse(await answer.json().catch(() => ({})));
    return { name, url, ready: answer.ok, detail: describe(body.data) || (answer.ok ? "" : `HTTP ${answer.status}`) };
  } catch (error) {
    return { name, url, ready: false, detail: reasonOf(error) };
  }
}

function describe(body: z.infer<typeof readiness> | undefined): string {
  const dependencies = Object.entries(body?.dependencies ?? {});
  return dependencies
    .map(([name, { ready, reason }]) => (ready ? name : `${name}: ${reason ?? "not ready"}`))
    .join(", ");
}
