import { chmod, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer, text } from "node:stream/consumers";
import { describe, expect, it, vi } from "vitest";
import { isRunning } from "../../deploy/local/processes/is-running";
import { temporaryDirectory } from "../../tests/support/temporary-directory";
import { type MagickCommand, runMagick } from "./run-magick";

/** Runs a shell script in place of magick: what is tested is how a command is run, not what it does. */
async function run(script: string, overrides: Partial<MagickCommand> = {}, args: string[] = []) {
  const directory = temporaryDirectory();
  const command = path.join(directory, "magick");
  await writeFile(command, `#!/bin/sh\n${script}\n`);
  await chmod(command, 0o755);
  const magick = {
    command,
    policyDirectory: "/policy",
    timeoutMs: 10_000,
    maxFileBytes: 1024 * 1024,
    addressSpaceBytes: undefined,
    ...overrides,
  };
  return { directory, ...runMagick(magick, args, directory) };
}

describe("runMagick", () => {
  it("hands over arguments as they are, input, output and what is said", async () => {
    const { stdin, stdout, exit } = await run('cat; echo "$1|$2" >&2; exit 3', {}, ["a b", "$HOME;>"]);
    stdin.end("image");

    expect(await text(stdout)).toBe("image");
    expect(await exit).toMatchObject({ exitCode: 3, signal: null, stderr: "a b|$HOME;>\n", timedOut: false });
  });

  it("passes on nothing of the service's environment but where to find commands and libraries", async () => {
    vi.stubEnv("OBJECT_STORE_SECRET_ACCESS_KEY", "secret");
    const { stdout, directory } = await run("env");
    vi.unstubAllEnvs();

    const names = (await text(stdout)).split("\n").map((line) => line.split("=")[0]);
    const expected = ["HOME", "LC_ALL", "MAGICK_CONFIGURE_PATH", "MAGICK_TMPDIR", "PATH", "TMPDIR"];
    expect(names).toEqual(expect.arrayContaining(expected));
    expect(names).not.toContain("OBJECT_STORE_SECRET_ACCESS_KEY");
    expect(directory).not.toBe("");
  });

  it("points magick to the policy and to the directory of the job", async () => {
    const { stdout, directory } = await run('echo "$MAGICK_CONFIGURE_PATH $MAGICK_TMPDIR"; pwd');

    expect(await text(stdout)).toBe(`/policy ${directory}\n${directory}\n`);
  });

  it.runIf(process.platform === "linux")("tells how much processor time and memory the command took", async () => {
    // Fills some megabytes, then says so; what was taken until then is seen.
    const hungry =
      "const a = Buffer.alloc(200e6, 1); const end = Date.now() + 300; while (Date.now() < end); console.log(a.length)";
    const { stdout, exit } = await run(`exec "$1" -e "$2"`, {}, [process.execPath, hungry]);

    expect(await text(stdout)).toBe("200000000\n");
    const { usage } = await exit;
    expect(usage?.peakMemoryBytes).toBeGreaterThan(200e6);
    expect(usage?.cpuSeconds).toBeGreaterThan(0.1);
    expect(usage?.cpuSeconds).toBeLessThan(60);
  });

  it("kills a command that takes too long, and all that it started", async () => {
    const { exit, directory } = await run("sleep 60 & echo $! > child; sleep 60", { timeoutMs: 300 });

    expect(await exit).toMatchObject({ exitCode: null, signal: "SIGKILL", timedOut: true });
    const child = (await readFile(path.join(directory, "child"), "utf8")).trim();
    await vi.waitFor(() => expect(isRunning(Number(child))).toBe(false));
  });

  it("kills at once when told to", async () => {
    const { exit, kill, stdout } = await run("echo started; exec sleep 60");
    await stdout[Symbol.asyncIterator]().next();

    kill();

    expect(await exit).toMatchObject({ signal: "SIGKILL", timedOut: false });
  });

  it("kills a command that heeds no other signal", async () => {
    const { exit } = await run("trap '' TERM INT HUP; while :; do :; done", { timeoutMs: 200 });

    expect(await exit).toMatchObject({ signal: "SIGKILL", timedOut: true });
  });

  it("bounds the address space", async () => {
    const { exit, stdout } = await run("ulimit -v; ulimit -c", { addressSpaceBytes: 64 * 1024 ** 2 });

    expect(await text(stdout)).toBe("65536\n0\n");
    expect(await exit).toMatchObject({ exitCode: 0 });
  });

  it("bounds the files it writes", async () => {
    const { exit } = await run("exec head -c 5000000 /dev/zero > large", { maxFileBytes: 1_000_000 });

    const { exitCode, signal } = await exit;
    expect(exitCode !== 0 || signal === "SIGXFSZ").toBe(true);
  });

  it("keeps no more of what is said than 16 KiB", async () => {
    const { exit } = await run("head -c 1000000 /dev/zero | tr '\\\\0' x >&2");

    expect((await exit).stderr).toHaveLength(16 * 1024);
  });

  it("ends although nobody reads what it wrote", async () => {
    const { exit } = await run("echo pdf; echo problem >&2; exit 1");

    expect(await exit).toMatchObject({ exitCode: 1, stderr: "problem\n" });
  });

  it("tells of a command that is not there by its exit code", async () => {
    const { exit, stdout } = await run("", { command: "/nowhere/magick" });

    expect(await buffer(stdout)).toHaveLength(0);
    expect(await exit).toMatchObject({ exitCode: 127 });
  });
});
