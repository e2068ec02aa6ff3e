import { type DashboardBuilder, TextBoxVariableBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { logGraph, logLines } from "./panels";
import { startDashboard } from "./start-dashboard";

/** The services' logs: how many of which level, and the lines that contain a text. */
export function logs(): DashboardBuilder {
  return startDashboard({
    uid: "logs",
    title: "Logs",
    description: "Lines of the services. Search for an id: of a user, a job, a conversion, a request, a trace.",
    choose: "services",
  })
    .withVariable(new TextBoxVariableBuilder("search").label("Contains").defaultValue(""))
    .withPanel(
      logGraph(
        "Lines by level",
        "Lines in each step of time.",
        'sum by (level) (count_over_time({service=~"$service", level=~".+"} [$__auto]))',
        "{{level}}",
      ),
    )
    .withPanel(
      logGraph(
        "Warnings and errors by service",
        "Lines in each step of time. None is left out by sampling.",
        'sum by (service) (count_over_time({service=~"$service", level=~"warn|error"} [$__auto]))',
        "{{service}}",
        { warnAt: 1, badAt: 10 },
      ),
    )
    .withPanel(
      logLines(
        "Lines",
        "Newest first. A line's trace_id leads to its trace.",
        '{service=~"$service", level=~".+"} |= "$search"',
      ),
    );
}
