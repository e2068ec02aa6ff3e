import type { DashboardBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { graph, heatmap, percentiles, quantileOf, rateOf } from "./panels";
import { startDashboard } from "./start-dashboard";

const CHOSEN = 'job="email",instance=~"$instance"';

/** The trace of a creation goes on until the user service knows that the mail was delivered. */
const CREATION = 'name="mcsv.v1.UserService/CreateUser"';

/** Mails: how many, of which template, with what result, how long. */
export function email(): DashboardBuilder {
  return startDashboard({
    uid: "email",
    title: "Email",
    description: "Do mails arrive, and how long do they take?",
    choose: { service: "email" },
  })
    .withPanel(
      graph({
        title: "Mails",
        description: "Mails a second that were given to the mail server, by template and result.",
        unit: "ops",
        leadsTo: { service: "email", spans: 'name="smtp send"' },
        queries: [
          {
            expr: rateOf(`mcsv_mail_send_duration_seconds_count{${CHOSEN}}`, "template", "result"),
            legend: "{{template}} {{result}}",
          },
        ],
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "Duration of sending",
        description: "Time that the mail server takes for a mail.",
        unit: "s",
        leadsTo: { service: "email", spans: 'name="smtp send"' },
        queries: percentiles(`mcsv_mail_send_duration_seconds{${CHOSEN}}`),
        warnAt: 2.5,
        width: 12,
      }),
    )
    .withPanel(
      graph({
        title: "From acceptance to delivery",
        description: "From CreateUser to the mail server having the welcome mail: 99% are to take at most 30 s.",
        unit: "s",
        leadsTo: { service: "user", spans: `${CREATION} && trace:duration>10s`, slowerThan: undefined },
        queries: percentiles('mcsv_welcome_duration_seconds{result="ok"}'),
        warnAt: 10,
        badAt: 30,
      }),
    )
    .withPanel(
      heatmap({
        title: "Welcome mails",
        description: "How many took how long from CreateUser to their delivery: a row is a bucket.",
        histogram: "mcsv_welcome_duration_seconds",
        leadsTo: { service: "user", spans: CREATION },
      }),
    )
    .withPanel(
      heatmap({
        title: "Durations of sending",
        description: "How many mails took the mail server how long.",
        histogram: `mcsv_mail_send_duration_seconds{${CHOSEN}}`,
        leadsTo: { service: "email", spans: 'name="smtp send"' },
      }),
    )
    .withPanel(
      graph({
        title: "Mails that wait",
        description: "Jobs of the queue email by state.",
        unit: "short",
        leadsTo: { service: "job", labels: ["queue"] },
        warnAt: 100,
        queries: [{ expr: 'queue:jobs:max{job="job",queue="email"}', legend: "{{state}}" }],
      }),
    )
    .withPanel(
      graph({
        title: "Calls to the email service",
        description: "95% take no longer, by code.",
        unit: "s",
        leadsTo: { service: "email", labels: ["rpc_status_code"], spans: "kind=server" },
        warnAt: 2.5,
        queries: [
          {
            expr: quantileOf(0.95, `rpc_server_call_duration_seconds{${CHOSEN}}`, "rpc_status_code"),
            legend: "{{rpc_status_code}}",
          },
        ],
      }),
    );
}
