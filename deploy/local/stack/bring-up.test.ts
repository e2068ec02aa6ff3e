import { rmSync } from "node:fs";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { temporaryDirectory } from "../../../tests/support/temporary-directory";
import { isRunning } from "../processes/is-running";
import { openRunDirectory } from "../processes/run-directory";
import { lockHolder } from "../processes/supervisor-lock";
import { bringUp } from "./bring-up";
import { stackLayout } from "./stack-layout";
import { freeStackPorts, MAX_PORT_OFFSET } from "./stack-ports";
import { takeDown } from "./take-down";

describe("bringUp", { timeout: 60_000 }, () => {
  it("starts once, finds it running the second time, remembers its ports, and takeDown stops it", async () => {
    const directory = temporaryDirectory();
    const offset = await freeOffset();
    const first = await bringUp(request(directory, { MCSV_PORT_OFFSET: String(offset) }));
    expect(first).toMatchObject({ outcome: "started", portOffset: offset });
    const run = openRunDirectory(stackLayout(directory).run);
    const pids = run.allRunning().map(({ pid }) => pid);
    const second = await bringUp(request(directory, {}));
    expect(second).toMatchObject({ outcome: "running", portOffset: offset });
    expect(run.allRunning().map(({ pid }) => pid)).toEqual(pids);
    expect((await takeDown(stackLayout(directory))).sort()).toEqual(["inbox", "s3"]);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(await takeDown(stackLayout(directory))).toEqual([]);
  });

  it("restarts what has changed since it was started, and nothing else", async () => {
    const directory = temporaryDirectory();
    const env = { MCSV_PORT_OFFSET: String(await freeOffset()) };
    await bringUp(request(directory, env));
    onTestFinished(async () => {
      await takeDown(stackLayout(directory));
    });
    const run = openRunDirectory(stackLayout(directory).run);
    const [inbox, s3] = [run.running("inbox"), run.running("s3")];
    // As if its program had been another one when it was started.
    if (s3 !== undefined) run.writeRecord({ ...s3, fingerprint: "of an older build" });
    expect(await bringUp(request(directory, env))).toMatchObject({ outcome: "renewed", renewed: ["s3"] });
    expect(run.running("inbox")?.pid).toBe(inbox?.pid);
    expect(run.running("s3")?.pid).not.toBeOneOf([s3?.pid, undefined]);
  });

  it("cleans up after a supervisor that was killed, when it is brought up again and when it is taken down", async () => {
    const directory = temporaryDirectory();
    const layout = stackLayout(directory);
    const run = openRunDirectory(layout.run);
    const env = { MCSV_PORT_OFFSET: String(await freeOffset()) };
    const killSupervisor = async () => {
      const supervisor = lockHolder(run.lockFile)?.pid ?? 0;
      process.kill(supervisor, "SIGKILL");
      await vi.waitFor(() => expect(isRunning(supervisor)).toBe(false), 5_000);
      const orphans = run.allRunning().map(({ pid }) => pid);
      expect(orphans).toHaveLength(2);
      return orphans;
    };
    await bringUp(request(directory, env));
    const orphans = await killSupervisor();
    expect((await bringUp(request(directory, env))).outcome).toBe("started");
    expect(orphans.filter(isRunning)).toEqual([]);
    const orphansAgain = await killSupervisor();
    await takeDown(layout);
    expect(orphansAgain.filter(isRunning)).toEqual([]);
  });

  it("ends by itself when its directory was removed, as nothing could find it any more", async () => {
    const directory = temporaryDirectory();
    const run = openRunDirectory(stackLayout(directory).run);
    await bringUp(request(directory, { MCSV_PORT_OFFSET: String(await freeOffset()) }));
    const pids = [...run.allRunning(), lockHolder(run.lockFile)].map((process) => process?.pid ?? 0);
    rmSync(directory, { recursive: true });
    await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), 15_000);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    const directory = temporaryDirectory();
    const interrupted = new AbortController();
    const env = { MCSV_PORT_OFFSET: String(await freeOffset()) };
    const attempt = bringUp({
      ...request(directory, env),
      signal: interrupted.signal,
      onReady: () => interrupted.abort(new Error("interrupted by the test")),
    });
    await expect(attempt).rejects.toThrow("interrupted by the test");
    expect(openRunDirectory(stackLayout(directory).run).allRunning()).toEqual([]);
  });

  it("refuses an offset that is none, by name and value", async () => {
    const attempt = bringUp(request(temporaryDirectory(), { MCSV_PORT_OFFSET: "a few" }));
    await expect(attempt).rejects.toThrow(
      `MCSV_PORT_OFFSET is "a few": must be an integer from 0 to ${MAX_PORT_OFFSET}`,
    );
  });
});

function request(directory: string, env: Record<string, string>) {
  return {
    directory,
    env: { PATH: process.env["PATH"], ...env },
    magick: "magick",
    only: ["inbox", "s3"] as const,
    limitMs: 30_000,
    signal: new AbortController().signal,
    log: () => undefined,
  };
}

/** Of ports that are drawn for this test, the offset at which the S3 server has its one. */
async function freeOffset(): Promise<number> {
  for (;;) {
    const { s3 } = await freeStackPorts();
    if (s3 > 20_000) return s3 - 9_000;
  }
}
