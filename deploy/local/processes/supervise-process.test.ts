import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { temporaryDirectory } from "../../../tests/support/temporary-directory";
import { isRunning } from "./is-running";
import type { ProcessSpec } from "./process-spec";
import { openRunDirectory } from "./run-directory";
import { superviseProcess } from "./supervise-process";

describe("superviseProcess", () => {
  it("starts a process that was killed again, and counts it", async () => {
    const { supervised, run } = supervise("setInterval(() => {}, 1000)");
    supervised.start();
    const first = run.running("test");
    expect(first).toMatchObject({ starts: 1 });
    process.kill(first?.pid ?? 0, "SIGKILL");
    await vi.waitFor(() => expect(run.running("test")).toMatchObject({ starts: 2 }), 5_000);
    expect(run.running("test")?.pid).not.toBe(first?.pid);
  });

  it("says how a process ended and waits longer while it keeps dying young", async () => {
    const { supervised, lines } = supervise("process.exit(3)");
    supervised.start();
    await vi.waitFor(() => expect(lines.filter((line) => line.includes("ended")).length).toBe(3), 10_000);
    expect(lines.filter((line) => line.includes("ended"))).toEqual([
      expect.stringMatching(/^test \(pid \d+\) ended with exit code 3; starting it again in 100 ms$/),
      expect.stringMatching(/ in 200 ms$/),
      expect.stringMatching(/ in 400 ms$/),
    ]);
  });

  it("goes on trying when the program cannot be started at all", async () => {
    const { supervised, lines } = supervise("", { command: "/nonexistent/program" });
    supervised.start();
    await vi.waitFor(() => expect(lines.length).toBeGreaterThanOrEqual(2), 5_000);
    expect(lines[0]).toMatch(/could not be started: .*ENOENT.*; starting it again/);
  });

  it("stops with the graceful signal and does not start it again", async () => {
    const { supervised, lines, run } = supervise(
      "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000); console.log('listening')",
    );
    supervised.start();
    await untilLogged(run.path, "listening");
    await supervised.stop();
    expect(lines.at(-1)).toMatch(/ended with exit code 0$/);
    expect(run.lastRecord("test")).toBeUndefined();
  });

  it("kills a process that ignores the signal, after its limit", async () => {
    const { supervised, lines, run } = supervise(
      "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('listening')",
      { stopLimitMs: 200 },
    );
    supervised.start();
    await untilLogged(run.path, "listening");
    await supervised.stop();
    expect(lines.slice(-2)).toEqual([
      "test did not end within 200 ms: SIGKILL",
      expect.stringMatching(/ended with SIGKILL$/),
    ]);
  });

  it("ends what a process had started itself when that process dies", async () => {
    const child = "setInterval(() => {}, 1000)";
    const { supervised, run } = supervise(
      `const { pid } = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}]);
       console.log("child " + pid + ".");
       setInterval(() => {}, 1000);`,
    );
    supervised.start();
    const pid = Number(/child (\d+)\./.exec(await untilLogged(run.path, "child "))?.[1]);
    expect(isRunning(pid)).toBe(true);
    process.kill(run.running("test")?.pid ?? 0, "SIGKILL");
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 5_000);
  });

  it("uses a changed spec at the next start", async () => {
    const { supervised, run, spec } = supervise("console.log('one'); setInterval(() => {}, 1000)");
    supervised.start();
    await untilLogged(run.path, "one");
    spec.args = ["-e", "console.log('two'); setInterval(() => {}, 1000)"];
    process.kill(run.running("test")?.pid ?? 0, "SIGTERM");
    await untilLogged(run.path, "two");
  });
});

/** Prepares a Node.js process that runs a script; it is stopped when the test ends. */
function supervise(script: string, changes: Partial<ProcessSpec> = {}) {
  const directory = temporaryDirectory();
  const run = openRunDirectory(directory);
  const lines: string[] = [];
  const spec: ProcessSpec = {
    name: "test",
    command: process.execPath,
    args: ["-e", script],
    env: {},
    stopSignal: "SIGTERM",
    stopLimitMs: 5_000,
    stopStage: 1,
    codeStamp: "",
    ...changes,
  };
  const supervised = superviseProcess(spec, {
    run,
    workingDirectory: directory,
    logFile: join(directory, "test.log"),
    newestSpec: () => spec,
    log: (line) => lines.push(line),
  });
  onTestFinished(() => supervised.stop());
  return { supervised, run, lines, spec };
}

async function untilLogged(directory: string, text: string): Promise<string> {
  const read = () => readFileSync(join(directory, "test.log"), "utf8");
  await vi.waitFor(() => expect(read()).toContain(text), 5_000);
  return read();
}
