import { describe, expect, it } from "vitest";
import { defineConfig } from "./define-config";
import { configHelp, configMarkdown } from "./describe-config";
import { serviceVariables } from "./service-variables";
import { text } from "./variables";

const definition = defineConfig("sample", {
  ...serviceVariables(8081),
  name: text({ env: "NAME", description: "A name | with a bar." }),
  cores: text({ env: "CORES", description: "Cores.", default: "2", defaultText: "the number of cores" }),
});

describe("configHelp", () => {
  it("lists every variable with its meaning, what is allowed and its default", () => {
    const help = configHelp(definition);
    expect(help).toContain("  PORT\n      TCP port to listen on.\n      An integer from 1 to 65535. Default: 8081\n");
    expect(help).toContain("  NAME (required)\n");
    for (const { env, description } of Object.values(definition.variables)) {
      expect(help).toContain(env);
      expect(help).toContain(description);
    }
    expect(help).toContain("OTEL_EXPORTER_OTLP_ENDPOINT");
  });

  it("has no line too long for a terminal of 120 columns", () => {
    expect(
      Math.max(
        ...configHelp(definition)
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(120);
  });
});

describe("configMarkdown", () => {
  it("has a row per variable, with bars escaped and what is required marked", () => {
    const markdown = configMarkdown(definition);
    expect(markdown).toMatch(/^## sample$/m);
    expect(markdown).toContain("| `PORT` | TCP port to listen on. | An integer from 1 to 65535 | `8081` |");
    expect(markdown).toContain("| `NAME` | A name \\| with a bar. | A text | **required** |");
    expect(markdown).toContain("| the number of cores |");
  });
});
