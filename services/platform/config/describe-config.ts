import type { ConfigDefinition } from "./define-config";
import { secretFileVariable } from "./secret-file";
import { STANDARD_VARIABLES } from "./standard-variables";
import type { Variable } from "./variable";

/** What `--help` prints: every variable of a service with what it means, what is allowed and its default. */
export function configHelp(definition: ConfigDefinition): string {
  const own = Object.values(definition.variables).map(
    (variable) =>
      `  ${variable.env}${variable.required ? " (required)" : ""}\n` +
      `      ${variable.description}\n` +
      `      ${allowedText(variable)}.${variable.defaultText === "" ? "" : ` Default: ${variable.defaultText}`}\n`,
  );
  const standard = STANDARD_VARIABLES.map(
    ({ env, description, defaultText }) =>
      `  ${env}\n      ${description}${defaultText === "" ? "" : ` Default: ${defaultText}`}\n`,
  );
  return [
    `The ${definition.service} service of mcsv takes no arguments; environment variables configure it:\n`,
    ...own,
    "Read by OpenTelemetry:\n",
    ...standard,
  ].join("\n");
}

/** The section of docs/configuration.md about one service: a heading and a table. */
export function configMarkdown(definition: ConfigDefinition): string {
  const rows = Object.values(definition.variables).map((variable) =>
    row(code(variable.env), prose(variable.description), prose(allowedText(variable)), markdownDefault(variable)),
  );
  return [
    `## ${definition.service}`,
    "",
    row("Variable", "Meaning", "Allowed", "Default"),
    row("---", "---", "---", "---"),
    ...rows,
    "",
  ].join("\n");
}

/** The section of docs/configuration.md about the variables that OpenTelemetry reads. */
export function standardMarkdown(): string {
  const rows = STANDARD_VARIABLES.map(({ env, description, defaultText }) =>
    row(code(env), prose(description), defaultText === "" ? "" : code(defaultText)),
  );
  return ["## OpenTelemetry", "", row("Variable", "Meaning", "Default"), row("---", "---", "---"), ...rows, ""].join(
    "\n",
  );
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
