import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { isRunning } from "./is-running";
import { identify } from "./process-identity";
import type { ProcessRecord } from "./run-directory";
import { stopProcesses } from "./stop-processes";

describe("stopProcesses", () => {
  it("stops a stage only after the stages before it have ended", async () => {
    const order: string[] = [];
    const slow = await startProcess("setTimeout(() => process.exit(0), 150)");
    const quick = await startProcess("process.exit(0)");
    await stopProcesses(
      [record(quick, { name: "second", stopStage: 2 }), record(slow, { name: "first" })],
      (stopped) => {
        order.push(stopped.name);
      },
    );
    expect(order).toEqual(["first", "second"]);
    expect([slow, quick].map(isRunning)).toEqual([false, false]);
  });

  it("kills what does not end within its limit", async () => {
    const stubborn = await startProcess("");
    const killed: boolean[] = [];
    await stopProcesses([record(stubborn, { stopLimitMs: 100 })], (_, wasKilled) => killed.push(wasKilled));
    expect(killed).toEqual([true]);
    expect(isRunning(stubborn)).toBe(false);
  });

  it("leaves alone a process that only has the pid of the recorded one", async () => {
    const stranger = await startProcess("process.exit(0)");
    await stopProcesses([record(stranger, { startTime: "long ago" })], () => expect.unreachable());
    expect(isRunning(stranger)).toBe(true);
  });
});

/** Starts a process that does something at SIGTERM; it is killed when the test ends. */
async function startProcess(onTerm: string): Promise<number> {
  const script = `process.on("SIGTERM", () => { ${onTerm} }); setInterval(() => {}, 1000); console.log("ready")`;
  const child = spawn(process.execPath, ["-e", script], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child.pid ?? 0;
}

function record(pid: number, changes: Partial<ProcessRecord>): ProcessRecord {
  return {
    name: "test",
    ...identify(pid),
    startedAt: Date.now(),
    starts: 1,
    fingerprint: "",
    logOffset: 0,
    stopSignal: "SIGTERM",
    stopLimitMs: 5_000,
    stopStage: 1,
    ...changes,
  };
}
