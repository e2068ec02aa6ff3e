import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { projectDirectory } from "../../deploy/local/project-directory";
import { mailsIn } from "../support/inbox";
import { composeStack, getJson } from "./support/stack";

/** The rule waits for half a minute, Alertmanager for ten seconds, and Prometheus looks every five. */
const PATIENCE_MS = 120_000;

const alerts = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    status: z.object({ state: z.string() }),
  }),
);

async function alertsAbout(service: string) {
  const filter = encodeURIComponent(`service="${service}"`);
  return alerts.parse(await getJson(`${composeStack().url("ALERTMANAGER")}/api/v2/alerts?filter=${filter}`));
}

describe("an email service that stops", () => {
  it(
    "fires the alert that says so, with a runbook, and reaches the inbox; and ends when it is back",
    async () => {
      const stack = composeStack();
      onTestFinished(async () => {
        await stack.compose("start", "email");
        // Whoever comes next needs it.
        const ready = async () => expect((await fetch(`${stack.url("EMAIL")}/readyz`)).status).toBe(200);
        await vi.waitFor(ready, { timeout: PATIENCE_MS, interval: 250 });
      }, PATIENCE_MS);
      await stack.compose("stop", "email");

      const firing = async () => (await alertsAbout("email")).map(({ labels }) => labels["alertname"]);
      await expect.poll(firing, { timeout: PATIENCE_MS }).toEqual(["TargetDown"]);
      const [alert] = await alertsAbout("email");
      expect(alert).toMatchObject({
        labels: { job: "email", severity: "critical" },
        annotations: { summary: "The email service is down" },
        status: { state: "active" },
      });
      const [runbook = "none"] = /docs\/runbooks\/\w+\.md$/.exec(alert?.annotations["runbook_url"] ?? "") ?? [];
      expect(existsSync(join(projectDirectory(), runbook))).toBe(true);

      const subjects = async () => (await mailsIn(stack.url("INBOX"))).map(({ Subject }) => Subject);
      await expect.poll(subjects, { timeout: PATIENCE_MS }).toContain("[firing] The email service is down");

      await stack.compose("start", "email");
      await expect.poll(firing, { timeout: PATIENCE_MS }).toEqual([]);
    },
    4 * PATIENCE_MS,
  );
});
