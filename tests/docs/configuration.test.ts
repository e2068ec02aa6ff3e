import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CONFIGURATION_DOCUMENT, configurationDocument, SERVICE_CONFIGS } from "./configuration";

const ROOT = join(__dirname, "../..");

describe("docs/configuration.md", () => {
  it("is what `make docs` writes now", () => {
    expect(readFileSync(join(ROOT, CONFIGURATION_DOCUMENT), "utf8")).toBe(configurationDocument());
  });

  it("covers every service that has a config", () => {
    const services = readdirSync(join(ROOT, "services")).filter((name) =>
      existsSync(join(ROOT, "services", name, "config.ts")),
    );
    expect(SERVICE_CONFIGS.map(({ service }) => service).sort()).toEqual(services.sort());
  });

  it("names every variable of every service", () => {
    const sections = configurationDocument().split("\n## ");
    for (const { service, variables } of SERVICE_CONFIGS) {
      const section = sections.find((text) => text.startsWith(`${service}\n`)) ?? "";
      for (const { env, description } of Object.values(variables)) {
        expect(section).toContain(`| \`${env}\` | ${description.replaceAll("<", "\\<")}`);
      }
    }
  });

  it("reads the same on every machine", () => {
    for (const { variables } of SERVICE_CONFIGS) {
      for (const variable of Object.values(variables)) {
        expect(variable.defaultText).not.toMatch(/^\/(home|root|work|Users)\//);
      }
    }
  });
});
