import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { findProgram } from "../../deploy/local/processes/find-program";
import { projectDirectory } from "../../deploy/local/project-directory";
import { PROMETHEUS_DIRECTORY, readConfiguration, readRules } from "./read-rules";

const UNIT_TESTS = readdirSync(join(PROMETHEUS_DIRECTORY, "tests")).map((name) =>
  join(PROMETHEUS_DIRECTORY, "tests", name),
);
const unitTestFile = z.object({ tests: z.array(z.object({ name: z.string() })) });

const alerts = readRules().flatMap(({ alert, ...rest }) => (alert === undefined ? [] : [{ alert, ...rest }]));
const names = [...new Set(alerts.map(({ alert }) => alert))];
const tested = UNIT_TESTS.flatMap((file) =>
  unitTestFile.parse(parse(readFileSync(file, "utf8"))).tests.map(({ name }) => name),
);

const promtool = findProgram(process.env, "promtool");
if (promtool === undefined) {
  process.stderr.write("promtool is not in PATH (Debian: prometheus): the unit tests of the alerts are skipped\n");
}

describe("the alerts", () => {
  it.each(alerts)("$alert says how bad it is, whom it concerns, what is the case and what to do", (alert) => {
    expect(alert.labels).toMatchObject({ severity: expect.stringMatching(/^(critical|warning)$/) });
    expect(alert.annotations).toMatchObject({
      summary: expect.stringMatching(/\S/),
      description: expect.stringMatching(/\S/),
      runbook_url: `{{ $externalLabels.runbooks }}/${alert.alert}.md`,
    });
  });

  it("lead to their runbooks from wherever they are read", () => {
    expect(new URL(readConfiguration().global.external_labels.runbooks)).toMatchObject({
      protocol: "https:",
      pathname: expect.stringMatching(/\/docs\/runbooks$/),
    });
  });

  it.each(names)("%s has a runbook", (name) => {
    const runbook = readFileSync(join(projectDirectory(), `docs/runbooks/${name}.md`), "utf8");
    expect(runbook).toMatch(new RegExp(`^# ${name}\\n\\n\\S[^]*\\n## How to look\\n\\n- [^]*\\n## What to do\\n\\n- `));
  });

  it("have no runbook too many", () => {
    expect(readdirSync(join(projectDirectory(), "docs/runbooks")).sort()).toEqual(names.map((n) => `${n}.md`).sort());
  });

  it.each(names)("%s has a unit test in which it fires, and one in which it does not", (name) => {
    expect(tested.filter((test) => test.startsWith(`${name}: `))).not.toEqual([]);
    expect(tested.filter((test) => test.startsWith(`${name} does not fire: `))).not.toEqual([]);
  });
});

describe.skipIf(promtool === undefined)("promtool", () => {
  it("accepts the configuration and every rule", async () => {
    await run("check", "config", "--lint=all", "--lint-fatal", join(PROMETHEUS_DIRECTORY, "prometheus.yml"));
  });

  it.each(UNIT_TESTS.map((file) => basename(file)))(
    "sees every alert fire when it should, and no other: %s",
    async (name) => {
      await run("test", "rules", join(PROMETHEUS_DIRECTORY, "tests", name));
    },
    60_000,
  );
});

async function run(...args: string[]): Promise<void> {
  await promisify(execFile)(promtool ?? "promtool", args).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`promtool ${args[0]} ${args[1]}: ${error.stderr ?? ""}${error.stdout ?? ""}`);
  });
}
