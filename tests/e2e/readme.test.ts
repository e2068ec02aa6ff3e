import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freeOffset } from "../../deploy/local/stack/check-ports";
import { BASE_PORTS, type PortName, portsAtOffset } from "../../deploy/local/stack/stack-ports";
import { cleanClone, environmentOfStranger, shareInstalled } from "../support/clean-clone";

/** Commands that the test does not run, and why. */
const NOT_RUN = new Map([
  ["make test", "this test is a part of it"],
  ["make lint", "CI runs it beside the tests"],
]);

describe("the README's commands in a clean clone", () => {
  let project: string;
  let offset: number;

  beforeAll(async () => {
    // With a space in its name, for whoever has one.
    project = join(mkdtempSync(join(tmpdir(), "mcsv-readme-")), "my checkout");
    cleanClone(project);
    shareInstalled(project);
    offset = (await freeOffset(Object.keys(BASE_PORTS) as PortName[])) ?? 0;
  });

  afterAll(async () => {
    await runScript("if [ -d dist ]; then make down; fi");
    rmSync(join(project, ".."), { recursive: true, force: true });
  }, 120_000);

  /** Runs a shell script in the clone; its output in order, whatever its stream. */
  async function runScript(script: string): Promise<{ code: number | null; output: string }> {
    const env = environmentOfStranger({ MCSV_PORT_OFFSET: String(offset), CI: "true", STACK: "local" });
    const child = spawn("bash", ["-euo", "pipefail", "-c", `exec 2>&1\n${script}`], {
      cwd: project,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const code = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { output: await text(child.stdout), code: await code };
  }

  it("all work, one after the other, as they stand there", async () => {
    const blocks = shellBlocks(readFileSync(join(project, "README.md"), "utf8"));
    expect(blocks.length).toBeGreaterThan(5);
    const commands = blocks.flatMap((block) => block.split("\n")).filter((line) => !NOT_RUN.has(line));
    const script = commands.map((command) => `echo "$ "${quote(command)}\n${atOffset(command, offset)}`).join("\n");
    const { code, output } = await runScript(script);
    expect(code, output.slice(-5_000)).toBe(0);

    // The demo: ten users welcomed, every sample converted, one trace through all services.
    expect(output).toContain("== 10 of 10 users welcomed, 3 of 3 images converted");
    expect(output).toMatch(/services: (?=.*user)(?=.*job)(?=.*image)(?=.*email)(?=.*client)/);
    const pdfs = readdirSync(join(project, "out")).filter((name) => name.endsWith(".pdf"));
    expect(pdfs).toEqual(["badge.pdf", "balloon.pdf", "mountain-lake.pdf"]);
    for (const pdf of pdfs) expect(readFileSync(join(project, "out", pdf)).toString("latin1", 0, 5)).toBe("%PDF-");
    // The tour: the mail of the user that it creates, and curl's answer.
    expect(output).toContain("grace@example.com");
    expect(output).toContain('"name":"Grace Hopper"');
    // The generated code is what a fresh `make gen` writes.
    const { output: changes } = await runScript("git status --porcelain gen");
    expect(changes).toBe("");
  }, 240_000);

  it("leaves nothing running after make down", async () => {
    const { output } = await runScript("make ps");
    expect(output).toContain("The stack is not up.");
  }, 60_000);
});

function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n([\s\S]*?)\n```$/gm)].map((match) => match[1] ?? "");
}

/** The README names the standard ports; the test's stack is moved. */
function atOffset(command: string, offset: number): string {
  const user = portsAtOffset(0).user;
  return command.replaceAll(`127.0.0.1:${user}`, `127.0.0.1:${user + offset}`);
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
