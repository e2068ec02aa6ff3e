import { z } from "zod";
import type { ClientEvent } from "./event-log";

/** Longer texts are cut: what is kept of an alert stays within a few kilobytes. */
const MAX_CHARACTERS = { name: 200, summary: 500, description: 2_000, url: 500 } as const;

const texts = z.record(z.string(), z.string());

const alert = z.object({
  status: z.enum(["firing", "resolved"]),
  labels: texts,
  annotations: texts,
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
  fingerprint: z.string().regex(/^[0-9a-f]{1,64}$/, "must be hexadecimal digits"),
});

/** What Alertmanager posts to a webhook, as far as it is of interest here (its documentation: webhook_config, version 4). */
const webhookMessage = z.object({ version: z.literal("4"), alerts: z.array(alert) });

/** Alerts, or what is wrong with the message. */
export type AlertsOutcome = { readonly events: readonly ClientEvent[] } | { readonly problem: string };

/**
 * Reads Alertmanager's webhook message. The same state of the same alert has the same key, however often it is repeated; an
 * alert that fires again has another.
 */
export function readAlerts(body: string): AlertsOutcome {
  const json = parseJson(body);
  if (json === undefined) return { problem: "the body is not JSON" };
  const { data, error } = webhookMessage.safeParse(json.value);
  if (data !== undefined) return { events: data.alerts.map(toEvent) };
  const [issue] = error.issues;
  const path = issue?.path.join(".") ?? "";
  return { problem: `${path === "" ? "the body" : path}: ${issue?.message ?? "is wrong"}` };
}

function toEvent({ status, labels, annotations, startsAt, endsAt, fingerprint }: z.infer<typeof alert>): ClientEvent {
  return {
    source: "alert",
    kind: `alert-${status}`,
    key: `${fingerprint} ${startsAt} ${status}`,
    data: {
      alertId: `${fingerprint} ${startsAt}`,
      name: cut(labels["alertname"] ?? "", MAX_CHARACTERS.name),
      severity: cut(labels["severity"] ?? "", MAX_CHARACTERS.name),
      service: cut(labels["service"] ?? "", MAX_CHARACTERS.name),
      summary: cut(annotations["summary"] ?? "", MAX_CHARACTERS.summary),
      description: cut(annotations["description"] ?? "", MAX_CHARACTERS.description),
      startsAt,
      ...(status === "resolved" ? { endsAt } : {}),
      ...runbook(annotations["runbook_url"] ?? ""),
    },
  };
}

/** Where a runbook can be opened: runbooks of this repository at this service, others where they are. */
function runbook(url: string): { readonly runbookUrl?: string } {
  const own = /(?:^|\/)docs\/runbooks\/(\w+)\.md$/.exec(url)?.[1];
  if (own !== undefined) return { runbookUrl: `/runbooks/${cut(own, MAX_CHARACTERS.name)}` };
  return /^https?:\/\//.test(url) && url.length <= MAX_CHARACTERS.url ? { runbookUrl: url } : {};
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function cut(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}…`;
}
