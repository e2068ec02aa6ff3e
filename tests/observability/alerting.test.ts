import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { type Inbox, startInbox } from "../../deploy/local/inbox/start-inbox";
import { freePorts } from "../../deploy/local/ports/free-ports";
import { findProgram } from "../../deploy/local/processes/find-program";
import { projectDirectory } from "../../deploy/local/project-directory";
import { type StartedRoutes, startRoutes } from "../../services/client/testing/start-routes";
import { findChromium, launchChromium } from "../support/chromium";
import { mailsIn } from "../support/inbox";
import { type StartedProgram, startProgram } from "../support/start-program";
import { watchPage } from "../support/watch-page";
import { PROMETHEUS_DIRECTORY, readConfiguration } from "./read-rules";

const ALERTMANAGER_DIRECTORY = join(projectDirectory(), "observability/alertmanager");
/** What is ours of Prometheus' configuration: the address of the runbooks, and what alerts are sent without. */
const { global, alerting } = readConfiguration();
const RUNBOOK = `${global.external_labels.runbooks}/TargetDown.md`;
const SECRETS = ["alerts_token", "slack_webhook_url", "pagerduty_routing_key", "alert_webhook_url"] as const;
const ALERTS_TOKEN = "of-this-test";

const prometheusProgram = findProgram(process.env, "prometheus");
const alertmanagerProgram = findProgram(process.env, "alertmanager", "prometheus-alertmanager");
const amtool = findProgram(process.env, "amtool");
const chromium = findChromium(process.env);
const isInstalled = [prometheusProgram, alertmanagerProgram, amtool].every((program) => program !== undefined);
if (!isInstalled) {
  process.stderr.write(
    "prometheus, alertmanager or amtool is not in PATH (Debian: prometheus-alertmanager): skipped\n",
  );
}

const webhookMessage = z.object({
  receiver: z.string(),
  status: z.string(),
  alerts: z.array(
    z.object({
      status: z.string(),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
});

/** The configuration that the container makes of ours, with the secrets that are there. */
function configure(directory: string, secrets: Partial<Record<(typeof SECRETS)[number], string>>): string {
  const own = mkdtempSync(join(directory, "secrets-"));
  for (const name of SECRETS) writeFileSync(join(own, name), secrets[name] ?? "");
  const file = join(own, "alertmanager.yml");
  const script = join(ALERTMANAGER_DIRECTORY, "configure.sh");
  writeFileSync(file, execFileSync("sh", [script, join(ALERTMANAGER_DIRECTORY, "alertmanager.yml"), own]));
  return file;
}

describe.skipIf(!isInstalled)("alerts", () => {
  let directory: string;
  let receiver: Server;
  let target: Server | undefined;
  let inbox: Inbox;
  let client: StartedRoutes;
  let targetPort: number;
  let alertmanagerUrl: string;
  const started: StartedProgram[] = [];
  const received: { readonly path: string; readonly body: string }[] = [];

  const toWebhook = () =>
    received.filter(({ path }) => path === "/hook").map(({ body }) => webhookMessage.parse(JSON.parse(body)));

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mcsv-alerting-"));
    const [own = 0, alertmanagerPort = 0, prometheusPort = 0, free = 0] = await freePorts(4);
    targetPort = free;
    receiver = createServer(async (request, response) => {
      received.push({ path: request.url ?? "", body: await text(request) });
      response.end("ok");
    }).listen(own, "127.0.0.1");

    client = await startRoutes({ capacity: 100, alertsToken: ALERTS_TOKEN });
    const config = configure(directory, {
      alerts_token: ALERTS_TOKEN,
      slack_webhook_url: `http://127.0.0.1:${own}/slack`,
      alert_webhook_url: `http://127.0.0.1:${own}/hook`,
    });
    // Nobody waits half a minute for a test.
    const hurried = readFileSync(config, "utf8").replaceAll(/(group_wait|group_interval): \w+/g, "$1: 1s");
    inbox = await startInbox({ smtpPort: 0, httpPort: 0 });
    writeFileSync(
      config,
      hurried.replaceAll("inbox:1025", `127.0.0.1:${inbox.smtpPort}`).replaceAll("http://client:4000", client.origin),
    );
    alertmanagerUrl = `http://127.0.0.1:${alertmanagerPort}`;
    const alertmanagerArgs = [
      `--config.file=${config}`,
      `--storage.path=${join(directory, "alertmanager")}`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      "--cluster.listen-address=",
    ];
    const prometheusArgs = [
      `--config.file=${prometheusConfiguration(alertmanagerPort, prometheusPort)}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
    ];
    started.push(
      ...(await Promise.all([
        startProgram(alertmanagerProgram ?? "alertmanager", alertmanagerArgs, `${alertmanagerUrl}/-/ready`),
        startProgram(prometheusProgram ?? "prometheus", prometheusArgs, `http://127.0.0.1:${prometheusPort}/-/ready`),
      ])),
    );
  });

  afterAll(async () => {
    await Promise.all(started.map((program) => program.stop()));
    target?.close();
    target?.closeAllConnections();
    await Promise.all([inbox?.close(), client?.stop()]);
    receiver?.close();
    receiver?.closeAllConnections();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Our rules, without the time that an alert must last; nobody listens where the email service and Loki should be. */
  function prometheusConfiguration(alertmanagerPort: number, prometheusPort: number): string {
    const rules = join(directory, "rules");
    mkdirSync(rules);
    for (const name of readdirSync(join(PROMETHEUS_DIRECTORY, "rules"))) {
      const text = readFileSync(join(PROMETHEUS_DIRECTORY, "rules", name), "utf8");
      writeFileSync(join(rules, name), text.replaceAll(/\bfor: \w+/g, "for: 0s"));
    }
    const job = (name: string, port: number) => ({
      job_name: name,
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    });
    const file = join(directory, "prometheus.yml");
    const settings = {
      global: { ...global, scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [join(rules, "*.yml")],
      alerting: { ...alerting, alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
      scrape_configs: [job("email", targetPort), job("loki", 9), job("prometheus", prometheusPort)],
    };
    writeFileSync(file, JSON.stringify(settings));
    return file;
  }

  function restoreTarget(): void {
    target ??= createServer((_, response) => response.end("up_again 1\n")).listen(targetPort, "127.0.0.1");
  }

  it("reach the webhook with the runbook, by severity", async () => {
    await expect
      .poll(() => toWebhook().map(({ receiver: name, alerts }) => ({ name, ...alerts[0] })))
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            name: "critical",
            status: "firing",
            labels: {
              alertname: "TargetDown",
              service: "email",
              job: "email",
              instance: `127.0.0.1:${targetPort}`,
              severity: "critical",
            },
            annotations: expect.objectContaining({
              summary: "The email service is down",
              runbook_url: RUNBOOK,
            }),
          }),
          expect.objectContaining({
            name: "warning",
            labels: expect.objectContaining({ alertname: "TargetDown", service: "loki", severity: "warning" }),
          }),
        ]),
      );
  });

  it("reach Slack, whose address is in a file", async () => {
    const toSlack = () => received.filter(({ path }) => path === "/slack").map(({ body }) => body);
    await expect.poll(() => toSlack().join("\n")).toContain("[firing] The email service is down");
    expect(toSlack().join("\n")).toContain(RUNBOOK);
  });

  it("reach the inbox, which the stack shows", async () => {
    const subjects = async () => (await mailsIn(`http://127.0.0.1:${inbox.httpPort}`)).map(({ Subject }) => Subject);
    await expect.poll(subjects).toContain("[firing] The email service is down");
  });

  it("reach the client service's page, with severity, what is the case and the runbook", async () => {
    const firing = () => client.events.after(0).filter(({ kind }) => kind === "alert-firing");
    const email = expect.objectContaining({
      name: "TargetDown",
      service: "email",
      severity: "critical",
      summary: "The email service is down",
      runbookUrl: "/runbooks/TargetDown",
    });
    await expect.poll(() => firing().map(({ data }) => data)).toContainEqual(email);
    expect(await (await fetch(`${client.origin}/runbooks/TargetDown`)).text()).toContain("# TargetDown");
  });

  it("are held back while the service is down that they follow from", async () => {
    const stuck = { alertname: "QueueStuck", severity: "critical", service: "job" };
    const lagging = { alertname: "OutboxLag", severity: "critical", service: "user" };
    // email is down, and nothing else.
    const consequences = [
      { ...stuck, queue: "email" },
      { alertname: "MailsLate", severity: "warning", service: "user" },
    ];
    const others = [
      { ...stuck, queue: "image-conversion" },
      { ...stuck, queue: "callback" },
      { ...stuck, queue: "image-conversion", severity: "warning" },
      { ...stuck, queue: "other", severity: "warning" },
      { ...lagging, queue: "order-email" },
      { ...lagging, queue: "relay-email-delivered" },
      { alertname: "PdfsLate", severity: "critical", service: "user" },
      { alertname: "UserCallsSlow", severity: "warning", service: "user" },
    ];
    await fetch(`${alertmanagerUrl}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([...consequences, ...others].map((labels) => ({ labels }))),
    });
    const names = (labels: Record<string, string>) =>
      [labels["alertname"], labels["queue"], labels["severity"]].filter((label) => label !== undefined).join(" ");
    const alerts = z.array(
      z.object({ labels: z.record(z.string(), z.string()), status: z.object({ state: z.string() }) }),
    );
    const suppressed = async () => {
      const answer = await fetch(`${alertmanagerUrl}/api/v2/alerts`);
      const all = alerts.parse(await answer.json()).filter(({ labels }) => labels["alertname"] !== "TargetDown");
      if (all.some(({ status }) => status.state === "unprocessed")) return "not all are processed yet";
      return all.flatMap(({ labels, status }) => (status.state === "suppressed" ? [names(labels)] : [])).sort();
    };
    await expect
      .poll(suppressed)
      .toEqual(["MailsLate warning", "QueueStuck email critical", "QueueStuck image-conversion warning"]);
  });

  it.skipIf(chromium === undefined)("are shown there live, from firing to resolved", async () => {
    const browser = await launchChromium(chromium ?? "");
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const watch = watchPage(page);
    await page.goto(client.origin);
    const row = page.locator("#alerts tr", { hasText: "The email service is down" });
    await row.waitFor();
    expect(await row.getAttribute("class")).toBe("firing");
    expect(await row.locator(".severity.critical").textContent()).toBe("critical");
    expect(await row.getByRole("link", { name: "open" }).getAttribute("href")).toBe("/runbooks/TargetDown");
    restoreTarget();
    await page.locator("#alerts tr.resolved", { hasText: "The email service is down" }).waitFor();
    expect(await row.count()).toBe(1);
    expect(watch).toEqual({ complaints: [], foreignRequests: [] });
  });

  it("tell when all is well again", async () => {
    restoreTarget();
    await expect
      .poll(() =>
        toWebhook().filter(({ status, alerts }) => status === "resolved" && alerts[0]?.labels["job"] === "email"),
      )
      .not.toEqual([]);
  });

  it.each([
    { has: "no secret", secrets: {}, mentions: [] },
    { has: "Slack's address", secrets: { slack_webhook_url: "https://slack.example/a" }, mentions: ["slack"] },
    { has: "PagerDuty's key", secrets: { pagerduty_routing_key: "key" }, mentions: ["pagerduty"] },
    {
      has: "a webhook's address",
      secrets: { alert_webhook_url: "https://x.example/a?b=1&c=2;d|e" },
      mentions: [],
    },
  ])("go only where a secret leads when there is $has", ({ secrets, mentions }) => {
    const file = configure(directory, secrets);
    execFileSync(amtool ?? "amtool", ["check-config", file]);
    const config = readFileSync(file, "utf8").replaceAll(/^ *#.*$/gm, "");
    expect(["slack", "pagerduty"].filter((name) => config.includes(`${name}_configs`))).toEqual(mentions);
    expect(config).toContain("email_configs");
    const webhooks = [...config.matchAll(/- url: (\S+)/g)].map(([, url]) => url);
    expect(webhooks).toEqual([
      "http://client:4000/alerts",
      ...(secrets.alert_webhook_url === undefined ? [] : [secrets.alert_webhook_url]),
    ]);
  });
});
