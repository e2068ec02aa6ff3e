import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../../../tests/support/temporary-directory";
import { findAlertmanager } from "./alertmanager";
import { findPrometheus } from "./prometheus";
import { startStack } from "./start-stack";

const isInstalled = findPrometheus(process.env) !== undefined && findAlertmanager(process.env) !== undefined;
if (!isInstalled) {
  process.stderr.write("prometheus or alertmanager is not in PATH (Debian: prometheus-alertmanager): skipped\n");
}

describe.skipIf(!isInstalled)("Alertmanager in the stack without containers", { timeout: 60_000 }, () => {
  it("is who Prometheus tells, and tells the client service", async () => {
    const stack = await startStack({
      directory: temporaryDirectory(),
      only: ["client", "inbox", "prometheus", "alertmanager"],
    });
    onTestFinished(() => stack.stop());
    const told = async () => await (await fetch(`${stack.urls.prometheus}/api/v1/alertmanagers`)).json();
    await expect.poll(told).toMatchObject({
      data: { activeAlertmanagers: [{ url: `${stack.urls.alertmanager}/api/v2/alerts` }] },
    });
    const alert = { labels: { alertname: "Test", severity: "critical" }, annotations: { summary: "Only a test" } };
    await fetch(`${stack.urls.alertmanager}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([alert]),
    });
    const events = await fetch(`${stack.urls.client}/events`);
    let text = "";
    for await (const chunk of events.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (/^event: alert-firing\ndata: .*Only a test/m.test(text)) break;
    }
    expect(text).toContain('"severity":"critical"');
  });
});
