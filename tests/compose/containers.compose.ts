import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { runDemo } from "../../deploy/local/demo/run-demo";
import { projectDirectory } from "../../deploy/local/project-directory";
import { createOutput } from "../../services/client/cli/output";
import { composeStack } from "./support/stack";

const inspected = z.array(
  z.object({
    Name: z.string(),
    Config: z.object({ User: z.string() }),
    State: z.object({ OOMKilled: z.boolean(), Health: z.object({ Status: z.string() }) }),
    HostConfig: z.object({
      ReadonlyRootfs: z.boolean(),
      Memory: z.number().positive(),
      NanoCpus: z.number().positive(),
      CapDrop: z.array(z.string()),
      SecurityOpt: z.array(z.string()),
    }),
    NetworkSettings: z.object({ Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string() })).nullable()) }),
  }),
);

async function containers() {
  const stack = composeStack();
  const ids = (await stack.compose("ps", "--quiet")).trim().split("\n");
  return inspected.parse(JSON.parse(await stack.docker("inspect", ...ids)));
}

describe("the stack in containers", () => {
  it("plays the whole demo: users and their mails, images and their PDFs, one trace", async () => {
    const { endpoints, apiKey } = composeStack();
    const out = mkdtempSync(join(tmpdir(), "mcsv-compose-demo-"));
    onTestFinished(() => rmSync(out, { recursive: true }));
    const samples = join(projectDirectory(), "deploy/local/demo/images");
    const pictures = readdirSync(samples).filter((name) => /\.(png|jpe?g)$/.test(name));
    const images = pictures.map((name) => join(samples, name));
    expect(await runDemo({ endpoints, apiKey, images, out }, createOutput(process, false))).toBe(true);
    expect(readdirSync(out)).toHaveLength(images.length);
  });

  it("is healthy, within its limits, closed to the outside and without privileges", async () => {
    for (const { Name, Config, State, HostConfig, NetworkSettings } of await containers()) {
      expect(State, Name).toEqual({ OOMKilled: false, Health: { Status: "healthy" } });
      expect(HostConfig, Name).toMatchObject({ ReadonlyRootfs: true, CapDrop: ["ALL"] });
      expect(HostConfig.SecurityOpt, Name).toContain("no-new-privileges:true");
      if (!Name.includes("promtail")) expect(Config.User, Name).not.toMatch(/^(0|root)?(:|$)/);
      const addresses = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
      expect(
        addresses.filter(({ HostIp }) => HostIp !== "127.0.0.1"),
        Name,
      ).toEqual([]);
    }
  });

  it("has a compose file that compose has nothing to say about", async () => {
    const stack = composeStack();
    expect((await stack.compose("config", "--quiet")).trim()).toBe("");
  });

  it("shows no secret in the environment of a container", async () => {
    const stack = composeStack();
    const ids = (await stack.compose("ps", "--quiet")).trim().split("\n");
    const all = await stack.docker("inspect", ...ids);
    for (const name of ["postgres-password", "object-store-secret", "user-database-password", "grafana-admin-password"])
      expect(all).not.toContain(stack.secret(name));
    expect(all).not.toContain(stack.apiKey);
  });
});
