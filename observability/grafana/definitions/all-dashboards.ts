import type { DashboardBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { email } from "./email";
import { image } from "./image";
import { jobs } from "./jobs";
import { logs } from "./logs";
import { overview } from "./overview";
import { runtime } from "./runtime";
import { SERVICE_TRAITS, service } from "./service";
import { telemetryCost } from "./telemetry-cost";

/** Every dashboard as Grafana reads it, by the name of its file. */
export function allDashboards(): ReadonlyMap<string, string> {
  const builders: DashboardBuilder[] = [
    overview(),
    ...SERVICE_TRAITS.map(service),
    runtime(),
    jobs(),
    image(),
    email(),
    logs(),
    telemetryCost(),
  ];
  return new Map(
    builders.map((builder) => {
      const dashboard = builder.build();
      return [`${(dashboard.uid ?? "").replace(/^mcsv-/, "")}.json`, `${JSON.stringify(dashboard, undefined, 2)}\n`];
    }),
  );
}
