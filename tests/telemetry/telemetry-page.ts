import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../../deploy/local/project-directory";
import { SERVICES } from "../../deploy/local/stack/components";

/** A label or attribute as docs/telemetry.md lists it. */
export interface ListedName {
  readonly name: string;
  /** Not on everything: the page says in brackets on what. */
  readonly optional: boolean;
}

/** A metric as docs/telemetry.md lists it. */
export interface ListedMetric {
  /** Name in Prometheus. */
  readonly name: string;
  readonly type: string;
  readonly labels: readonly ListedName[];
  readonly services: readonly string[];
}

/** A span as docs/telemetry.md lists it. */
export interface ListedSpan {
  readonly title: string;
  readonly kind: string;
  readonly services: readonly string[];
  readonly attributes: readonly ListedName[];
  /** Whether a span of that name is meant. */
  matches(name: string): boolean;
}

/** What docs/telemetry.md lists. */
export interface TelemetryPage {
  readonly metrics: readonly ListedMetric[];
  readonly spans: readonly ListedSpan[];
  readonly logFields: readonly string[];
}

/** Reads the tables of docs/telemetry.md. */
export function readTelemetryPage(): TelemetryPage {
  const page = readFileSync(join(projectDirectory(), "docs", "telemetry.md"), "utf8");
  const [, metrics = "", spans = "", fields = ""] = page.split(/^## .*$/m);
  return {
    metrics: rows(metrics).map(([, name = "", type = "", , labels = "", services = ""]) => ({
      name: unquoted(name),
      type,
      labels: names(labels),
      services: servicesOf(services),
    })),
    spans: rows(spans).map(([name = "", kind = "", services = "", attributes = ""]) => {
      const title = unquoted(name);
      const pattern = patternOf(title);
      return {
        title,
        kind,
        services: servicesOf(services),
        attributes: names(attributes),
        matches: (spanName) => pattern.test(spanName),
      };
    }),
    logFields: rows(fields).map(([name = ""]) => unquoted(name)),
  };
}

function rows(section: string): string[][] {
  const lines = section.split("\n").filter((line) => line.startsWith("| `"));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

function names(cell: string): ListedName[] {
  return [...cell.matchAll(/`([^`]+)`( \([^)]*\))?/g)].map(([, name = "", remark]) => ({
    name,
    optional: remark !== undefined,
  }));
}

function servicesOf(cell: string): string[] {
  return cell === "all" ? [...SERVICES] : cell.split(", ");
}

function unquoted(cell: string): string {
  return cell.replaceAll("`", "");
}

/** What stands in angle brackets is any word; methods and operations are in capitals. */
function patternOf(title: string): RegExp {
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/<(HTTP method|SQL operation)>/g, "[A-Z]+").replace(/<[^>]+>/g, "[^ ]+")}$`);
}
