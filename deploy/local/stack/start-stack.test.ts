import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { temporaryDirectory } from "../../../tests/support/temporary-directory";
import { isRunning } from "../processes/is-running";
import { openRunDirectory } from "../processes/run-directory";
import { lockHolder } from "../processes/supervisor-lock";
import { projectDirectory } from "../project-directory";
import { type ComponentName, probe } from "./components";
import { stackLayout } from "./stack-layout";
import { freeStackPorts } from "./stack-ports";
import { type LocalStack, type StartStackOptions, startStack } from "./start-stack";

const INFRASTRUCTURE = ["postgres", "s3", "inbox", "collector"] as const satisfies readonly ComponentName[];

describe("startStack", { timeout: 60_000 }, () => {
  it("starts a killed component again, on the same port, with its data", async () => {
    const stack = await start({ only: ["inbox", "postgres"] });
    const before = stack.pid("postgres");
    stack.kill("postgres", "SIGKILL");
    await vi.waitFor(() => expect(stack.pid("postgres")).not.toBeOneOf([before, undefined]), 10_000);
    await stack.ready();
    expect(await probe("postgres", stack.ports, stack.databaseUrl("job"))).toBeUndefined();
  });

  it("keeps a held component stopped until it is resumed", async () => {
    const stack = await start({ only: ["inbox", "s3"] });
    await stack.hold("s3");
    expect(stack.pid("s3")).toBeUndefined();
    expect(await probe("s3", stack.ports, "")).toMatch(/ECONNREFUSED/);
    await stack.resume("s3");
    expect(await probe("s3", stack.ports, "")).toBeUndefined();
  });

  it("leaves no process when it is stopped", async () => {
    const stack = await start({ only: INFRASTRUCTURE });
    const pids = INFRASTRUCTURE.map((name) => stack.pid(name) ?? 0);
    expect(pids.map(isRunning)).toEqual([true, true, true, true]);
    await stack.stop();
    expect(pids.map(isRunning)).toEqual([false, false, false, false]);
    expect(lockHolder(openRunDirectory(stackLayout(stack.directory).run).lockFile)).toBeUndefined();
  });

  it("names every taken port, who holds it, and an offset that is free", async () => {
    const ports = await freeStackPorts();
    const server = createServer().listen({ port: ports.smtp, host: "127.0.0.1" });
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const attempt = start({ only: ["inbox", "s3"], ports });
    await expect(attempt).rejects.toThrow(new RegExp(`${ports.smtp} +smtp +held by pid ${process.pid}: `));
    await expect(attempt).rejects.toThrow(/MCSV_PORT_OFFSET=\d+ make up/);
  });

  it("shows the log of what does not come up, and leaves nothing running", async () => {
    const directory = temporaryDirectory();
    const attempt = start({ directory, only: ["inbox", "s3"], env: { s3: { S3_SECRET_ACCESS_KEY: "" } } });
    await expect(attempt).rejects.toThrow(/s3 is not ready: it ended 4 times.*S3_SECRET_ACCESS_KEY is not set/s);
    expect(openRunDirectory(stackLayout(directory).run).allRunning()).toEqual([]);
  });

  it("ends everything when the process that started it is killed", async () => {
    const directory = temporaryDirectory();
    const run = openRunDirectory(stackLayout(directory).run);
    const owner = ownerProcess(directory);
    await once(owner.stdout ?? owner, "data");
    const pids = run.allRunning().map(({ pid }) => pid);
    const supervisor = lockHolder(run.lockFile)?.pid ?? 0;
    expect(pids).toHaveLength(2);
    owner.kill("SIGKILL");
    await vi.waitFor(() => expect([...pids, supervisor].filter(isRunning)).toEqual([]), 15_000);
  });
});

async function start(options: Partial<StartStackOptions>): Promise<LocalStack> {
  const stack = await startStack({ directory: temporaryDirectory(), ...options });
  onTestFinished(() => stack.stop());
  return stack;
}

/** A process that starts a stack and says so. */
function ownerProcess(directory: string): ChildProcess {
  const module = join(projectDirectory(), "dist/deploy/local/stack/start-stack.js");
  expect(existsSync(module)).toBe(true);
  const script = `require(${JSON.stringify(module)}).startStack({ directory: ${JSON.stringify(directory)}, only: ["inbox", "s3"] }).then(() => console.log("up"))`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}
