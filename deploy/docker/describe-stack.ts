import type { ComposeSettings } from "./compose-settings";

/** Lines that name every published URL of the stack and what it is for. */
export function describeStack({ ports, profile }: ComposeSettings, secrets: string): string {
  const url = (name: string) => `http://127.0.0.1:${ports[`${name}_PORT`]}`;
  const core: readonly [string, string][] = [
    [url("CLIENT"), "client: callbacks and alerts as they arrive (page; /events: server-sent events)"],
    [url("USER"), "user: users, uploads, conversions   /twirp/mcsv.v1.UserService"],
    [url("JOB"), "job: queues and workers              /twirp/mcsv.v1.JobService"],
    [url("EMAIL"), "email: templates and delivery       /twirp/mcsv.v1.EmailService"],
    [url("IMAGE"), "image: images to PDFs               /twirp/mcsv.v1.ImageService"],
    [url("DOCS"), "docs: Swagger UI, the API to read and to try"],
    [url("REDOC"), "docs: Redoc, the API to read"],
    [url("INBOX"), "inbox: the mails that were sent (Mailpit)"],
    [url("DASHBOARD"), "queues: pg-boss's dashboard, to look at only"],
    [url("S3"), "object store (S3)"],
  ];
  const observability: readonly [string, string][] = [
    [url("GRAFANA"), `Grafana: dashboards and Explore (to change things: admin, ${secrets}/grafana-admin-password)`],
    [url("JAEGER"), "Jaeger: the newest traces"],
    [url("PROMETHEUS"), "Prometheus: metrics, rules, alerts"],
    [url("ALERTMANAGER"), "Alertmanager: who is told about alerts"],
    [url("LOKI"), "Loki: LogQL over HTTP               /loki/api/v1/query_range"],
    [url("TEMPO"), "Tempo: TraceQL over HTTP            /api/search, /api/traces"],
    [url("ALLOY"), "the log pipeline (Promtail's, run by Alloy)"],
  ];
  const rows = profile === "full" ? [...core, ...observability] : core;
  const width = Math.max(...rows.map(([address]) => address.length));
  return rows.map(([address, purpose]) => `  ${address.padEnd(width)}  ${purpose}\n`).join("");
}
