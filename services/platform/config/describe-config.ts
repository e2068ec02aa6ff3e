import type { ConfigDefinition, Variables } from "./define-config";
import { secretFileVariable } from "./secret-file";
import { standardVariables } from "./standard-variables";
import type { Variable } from "./variable";

/** What `--help` prints: every variable of a service with what it means, what is allowed and its default. */
export function configHelp(definition: ConfigDefinition): string {
  return [
    `The ${definition.service} service of mcsv takes no arguments; environment variables configure it:\n`,
    ...helpTexts(definition.variables),
    "OpenTelemetry's:\n",
    ...helpTexts(standardVariables),
  ].join("\n");
}

function helpTexts(variables: Variables): string[] {
  return Object.values(variables).map(
    (variable) =>
      `  ${variable.env}${variable.required ? " (required)" : ""}\n` +
      `      ${variable.description}\n` +
      `      ${allowedText(variable)}.${variable.defaultText === "" ? "" : ` Default: ${variable.defaultText}`}\n`,
  );
}

/** The section of docs/configuration.md about one service: a heading and a table. */
export function configMarkdown(definition: ConfigDefinition): string {
  return sectionMarkdown(definition.service, definition.variables);
}

/** The section of docs/configuration.md about OpenTelemetry's variables. */
export function standardMarkdown(): string {
  return sectionMarkdown("OpenTelemetry", standardVariables);
}

function sectionMarkdown(title: string, variables: Variables): string {
  const rows = Object.values(variables).map((variable) =>
    row(code(variable.env), prose(variable.description), prose(allowedText(variable)), markdownDefault(variable)),
  );
  return [
    `## ${title}`,
    "",
    row("Variable", "Meaning", "Allowed", "Default"),
    row("---", "---", "---", "---"),
    ...rows,
    "",
  ].join("\n");
}

function allowedText(variable: Variable<unknown>): string {
  const allowed = capitalized(variable.allowed);
  return variable.isSecret ? `${allowed}; or ${secretFileVariable(variable)} names a file that holds it` : allowed;
}

function markdownDefault(variable: Variable<unknown>): string {
  if (variable.required) {
    return "**required**";
  }
  if (variable.defaultText === "") {
    return "not set";
  }
  return variable.isDefaultLiteral ? code(variable.defaultText) : prose(variable.defaultText);
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** Text that Markdown must not take for HTML. */
function prose(text: string): string {
  return text.replaceAll("<", "\\<");
}

function code(text: string): string {
  return `\`${text}\``;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
