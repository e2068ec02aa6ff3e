import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { createProgram } from "../../services/client/cli/program";
import { readDashboards } from "../observability/read-dashboards";

const DIRECTORY = join(projectDirectory(), "docs/runbooks");
const runbooks = readdirSync(DIRECTORY).map((name) => ({
  name,
  text: readFileSync(join(DIRECTORY, name), "utf8").replaceAll(/\s+/g, " "),
}));

const commands = runbooks.flatMap(({ name, text }) =>
  [...text.matchAll(/`mcsv ([^`]+)`/g)].map(([, line = ""]) => ({ name, line })),
);
const dashboards = runbooks.flatMap(({ name, text }) =>
  [...text.matchAll(/(?<!\*)\*([A-Z][^*]+)\*(?!\*)/g)].map(([, title = ""]) => ({ name, title })),
);

/** The command line as the runbook's reader types it, with something for each `<placeholder>`. */
function typed(line: string): string[] {
  return line
    .replaceAll("<queue>", "email")
    .replaceAll(/<[^>]+>/g, "0b0c7c3e")
    .split(" ");
}

/** Our program, which reads its arguments and does nothing. */
function idleProgram(): Command {
  const program = createProgram({}, process, projectDirectory());
  const idle = (command: Command) => {
    for (const each of command.commands) {
      each.action(() => undefined);
      idle(each);
    }
  };
  idle(program);
  return program;
}

describe("the runbooks", () => {
  it("name commands and dashboards", () => {
    expect(commands.length).toBeGreaterThan(5);
    expect(dashboards.length).toBeGreaterThan(2);
  });

  it.each(commands)("$name: mcsv $line is a command that we have", ({ line }) => {
    expect(() => idleProgram().parse(typed(line), { from: "user" })).not.toThrow();
  });

  it.each(dashboards)("$name: the dashboard $title is one that we have", ({ title }) => {
    expect(readDashboards().map((dashboard) => dashboard.title)).toContain(title);
  });
});
