import type { StackLayout } from "../stack/stack-layout";
import type { StackPorts } from "../stack/stack-ports";
import { stackUrls } from "../stack/stack-urls";

/** Whether the programs that are not ours are installed. */
export interface InstalledPrograms {
  readonly prometheus: boolean;
  readonly alertmanager: boolean;
}

/** Lines that name every URL of a stack and what it is for. */
export function describeStack(ports: StackPorts, layout: StackLayout, has: InstalledPrograms): string {
  const urls = stackUrls(ports);
  const rows: [string, string][] = [
    [urls.client, "client: callbacks and alerts as they arrive (page; /events: server-sent events)"],
    [urls.user, "user: users, uploads, conversions   /twirp/mcsv.v1.UserService"],
    [urls.job, "job: queues and workers              /twirp/mcsv.v1.JobService"],
    [urls.email, "email: templates and delivery       /twirp/mcsv.v1.EmailService"],
    [urls.image, "image: images to PDFs               /twirp/mcsv.v1.ImageService"],
    [urls.docs, "docs: Swagger UI, the API to read and to try"],
    [urls.redoc, "docs: Redoc, the API to read"],
    [urls.inbox, "inbox: the mails that were sent"],
    [urls.jaeger, "traces: Jaeger's query API and a plain page"],
    [urls.dashboard, "queues: pg-boss's dashboard, to look at only (docs/jobs.md)"],
    [urls.s3, "object store (S3)"],
    [urls.smtp, "where the inbox takes mail"],
    [urls.otlp, "where the collector takes spans (OTLP/gRPC)"],
    [
      `postgres://127.0.0.1:${ports.postgres}`,
      `databases mcsv_user, mcsv_job, mcsv_email (${layout.credentialsFile} has the passwords)`,
    ],
  ];
  if (has.prometheus) rows.push([urls.prometheus, "Prometheus: metrics, rules, alerts"]);
  if (has.alertmanager) rows.push([urls.alertmanager, "Alertmanager: who is told about alerts"]);
  const width = Math.max(...rows.map(([url]) => url.length));
  return rows.map(([url, purpose]) => `  ${url.padEnd(width)}  ${purpose}\n`).join("");
}
