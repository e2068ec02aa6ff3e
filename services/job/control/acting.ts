import { trace } from "@opentelemetry/api";
import type { ClientBase } from "pg";

/** Who changes jobs, and why: what their history says of it. */
export interface Act {
  /** As actorOf tells it: it comes from the caller's credential. */
  actor: string;
  /** "" where nobody says. */
  reason: string;
}

/** Has the changes of this transaction recorded as made by that actor, for that reason, in the active trace. */
export async function actAs(client: ClientBase, { actor, reason }: Act): Promise<void> {
  const traceId = trace.getActiveSpan()?.spanContext().traceId ?? "";
  await client.query(
    "SELECT set_config('mcsv.actor', $1, true), set_config('mcsv.reason', $2, true), set_config('mcsv.trace_id', $3, true)",
    [actor, reason, traceId],
  );
}
