import { describe, expect, it, vi } from "vitest";
import { chooseStack } from "./choose-stack";
import type { EngineAnswer } from "./docker/docker-engine";

const engine: EngineAnswer = { kind: "engine", version: "28.5.2", rootDirectory: "/var/lib/docker" };
const none: EngineAnswer = { kind: "none", reason: "docker is not installed" };

function choose(wanted: string | undefined, running: "docker" | "local" | undefined, answer: EngineAnswer) {
  return chooseStack({ wanted, running, askEngine: () => Promise.resolve(answer) });
}

describe("chooseStack", () => {
  it("takes containers where an engine answers, and processes where none does", async () => {
    expect(await choose(undefined, undefined, engine)).toBe("docker");
    expect(await choose("", undefined, none)).toBe("local");
  });

  it("stays with what is up, without asking for an engine", async () => {
    const askEngine = vi.fn(() => Promise.resolve(engine));
    expect(await chooseStack({ wanted: undefined, running: "local", askEngine })).toBe("local");
    expect(askEngine).not.toHaveBeenCalled();
    expect(await choose(undefined, "docker", none)).toBe("docker");
  });

  it("obeys STACK, and refuses what it does not know", async () => {
    expect(await choose("local", "docker", engine)).toBe("local");
    expect(await choose("docker", undefined, none)).toBe("docker");
    await expect(choose("podman", undefined, engine)).rejects.toThrow('STACK is "podman": must be docker or local');
  });
});
