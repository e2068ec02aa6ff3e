import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PROMETHEUS } from "./panels";

/** What tells a dashboard from the others. */
export interface DashboardOptions {
  /** Part of its address, and name of its file. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /**
   * What can be chosen: processes of every service, those of one (then there is no variable `service`), services without their
   * processes, or nothing where the dashboard is not about either.
   */
  readonly choose: "processes" | { readonly service: string } | "services" | "nothing";
}

/** A dashboard with everything that ours have in common: variables, links to the others, deployments and alerts as annotations. */
export function startDashboard({ uid, title, description, choose }: DashboardOptions): DashboardBuilder {
  const dashboard = new DashboardBuilder(title)
    .uid(`mcsv-${uid}`)
    .description(description)
    .tags(["mcsv"])
    .readonly()
    .timezone("browser")
    .time({ from: "now-1h", to: "now" })
    .refresh("10s")
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder("mcsv")
        .type(DashboardLinkType.Dashboards)
        .tags(["mcsv"])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name("Deployments")
        .datasource(PROMETHEUS)
        .enable(true)
        .iconColor("blue")
        .expr(
          "count by (job, version, revision) (mcsv_build_info) unless count by (job, version, revision) (mcsv_build_info offset 1m)",
        )
        .titleFormat("{{job}} {{version}}")
        .textFormat("revision {{revision}}"),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name("Alerts")
        .datasource(PROMETHEUS)
        .enable(true)
        .iconColor("red")
        .expr('ALERTS{alertstate="firing"}')
        .titleFormat("{{alertname}}")
        .textFormat("{{severity}} {{service}} {{queue}}"),
    );
  if (choose === "processes" || choose === "services") {
    dashboard.withVariable(labelVariable("service", "Service", "label_values(mcsv_build_info, job)"));
  }
  if (choose === "processes") {
    dashboard.withVariable(
      labelVariable("instance", "Instance", 'label_values(mcsv_build_info{job=~"$service"}, instance)'),
    );
  } else if (typeof choose === "object") {
    dashboard.withVariable(
      labelVariable("instance", "Instance", `label_values(mcsv_build_info{job="${choose.service}"}, instance)`),
    );
  }
  return dashboard;
}

function labelVariable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query({ query, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".+")
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}
