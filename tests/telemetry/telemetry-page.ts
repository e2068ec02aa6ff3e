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
  /** Name in OpenTelemetry. */
  readonly name: string;
  readonly prometheusName: string;
  readonly type: string;
  /** Empty where it has none. */
  readonly unit: string;
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

/** An event of spans as docs/telemetry.md lists it. */
export interface ListedEvent {
  readonly name: string;
  readonly attributes: readonly ListedName[];
}

/** A log field as docs/telemetry.md lists it. */
export interface ListedField {
  readonly name: string;
  /** `text`, `number`, `boolean`, `list` or `object`; several where the page says "or". */
  readonly types: readonly string[];
}

/** What docs/telemetry.md lists. */
export interface TelemetryPage {
  readonly metrics: readonly ListedMetric[];
  readonly spans: readonly ListedSpan[];
  readonly events: readonly ListedEvent[];
  readonly logFields: readonly ListedField[];
  /** Rows of its tables that leave a cell empty. */
  readonly unfinished: readonly string[];
}

/** Reads the tables of docs/telemetry.md, each by what its first column is called. */
export function readTelemetryPage(): TelemetryPage {
  const page = readFileSync(join(projectDirectory(), "docs", "telemetry.md"), "utf8");
  return {
    metrics: rows(page, "Metric").map((cell) => ({
      name: unquoted(cell("Metric")),
      prometheusName: unquoted(cell("In Prometheus")),
      type: cell("Type"),
      unit: cell("Unit") === "none" ? "" : unquoted(cell("Unit")),
      labels: names(cell("Labels")),
      services: servicesOf(cell("Services")),
    })),
    spans: rows(page, "Span").map((cell) => {
      const title = unquoted(cell("Span"));
      const pattern = patternOf(title);
      return {
        title,
        kind: cell("Kind"),
        services: servicesOf(cell("Services")),
        attributes: names(cell("Attributes")),
        matches: (spanName) => pattern.test(spanName),
      };
    }),
    events: rows(page, "Event").map((cell) => ({
      name: unquoted(cell("Event")),
      attributes: names(cell("Attributes")),
    })),
    logFields: rows(page, "Field").map((cell) => ({
      name: unquoted(cell("Field")),
      types: cell("Type").split(" or "),
    })),
    unfinished: page.split("\n").filter((line) => /^\| `/.test(line) && cellsOf(line).includes("")),
  };
}

/** A cell of a row, by what its column is called. */
type Row = (column: string) => string;

/** The rows of all tables whose first column is called so. */
function rows(page: string, first: string): Row[] {
  const tables = page.split(/\n(?!\|)/).map((table) => table.split("\n").filter((line) => line.startsWith("|")));
  return tables.flatMap(([head = "", _rule, ...lines]) => {
    const columns = cellsOf(head);
    return columns[0] === first ? lines.map((line) => rowOf(columns, cellsOf(line))) : [];
  });
}

function rowOf(columns: readonly string[], cells: readonly string[]): Row {
  return (column) => cells[columns.indexOf(column)] ?? "";
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());
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
  return new RegExp(`^${escaped.replace(/<(HTTP method|SQL operation)>/g, "_?[A-Z]+").replace(/<[^>]+>/g, "[^ ]+")}$`);
}
