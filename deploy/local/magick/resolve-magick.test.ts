import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer, text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { quartersPng } from "../../../tests/support/images/make-image";
import { readPdf } from "../../../tests/support/images/read-pdf";
import { temporaryDirectory } from "../../../tests/support/temporary-directory";
import { projectDirectory } from "../project-directory";
import { resolveMagick } from "./resolve-magick";
import { writeWasmLauncher } from "./wasm-launcher";

const POLICY = path.join(projectDirectory(), "services/image/policy");

async function script(file: string, content: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${content}\n`);
  await chmod(file, 0o755);
  return file;
}

/** What passes for an ImageMagick 7 that converts. */
function workingMagick(file: string): Promise<string> {
  return script(
    file,
    `if [ "$1" = -version ]; then echo 'Version: ImageMagick 7.1.1-43 Q16'; else cat > input; echo %PDF-1.3; fi`,
  );
}

/** Runs a command to its end. */
async function run(command: string, args: string[], input: Uint8Array, env: NodeJS.ProcessEnv) {
  const child = spawn(command, args, { env: { PATH: process.env["PATH"], ...env } });
  child.stdin.on("error", () => child.kill());
  child.stdin.end(input);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { stdout, stderr, exitCode };
}

describe("resolveMagick", () => {
  it("takes MAGICK_BIN before anything else", async () => {
    const chosen = await workingMagick(path.join(temporaryDirectory(), "chosen"));
    const bin = temporaryDirectory();
    await workingMagick(path.join(bin, "magick"));

    const resolved = await resolveMagick({
      env: { MAGICK_BIN: chosen, PATH: bin },
      stateDirectory: temporaryDirectory(),
    });

    expect(resolved).toMatchObject({ command: chosen, kind: "MAGICK_BIN", version: "7.1.1-43" });
  });

  it("looks for a MAGICK_BIN that is a name in PATH", async () => {
    const bin = temporaryDirectory();
    const chosen = await workingMagick(path.join(bin, "my-magick"));

    const resolved = await resolveMagick({ env: { MAGICK_BIN: "my-magick", PATH: bin }, stateDirectory: "unused" });

    expect(resolved.command).toBe(chosen);
  });

  it("says what is wrong with a MAGICK_BIN rather than taking another", async () => {
    const stateDirectory = temporaryDirectory();
    const old = await script(path.join(stateDirectory, "old"), "echo 'Version: ImageMagick 6.9.11-60 Q16'");
    const crippled = await script(
      path.join(stateDirectory, "crippled"),
      `[ "$1" = -version ] && echo 'Version: ImageMagick 7.1.1-43 Q16' && exit
       echo 'magick: no decode delegate for this image format' >&2; exit 1`,
    );
    const resolve = (bin: string) => resolveMagick({ env: { MAGICK_BIN: bin }, stateDirectory });

    await expect(resolve("/nowhere/magick")).rejects.toThrow(
      'MAGICK_BIN is "/nowhere/magick", which is not an executable file',
    );
    await expect(resolve(old)).rejects.toThrow("is not ImageMagick 7");
    await expect(resolve(crippled)).rejects.toThrow("no decode delegate");
  });

  it("takes the system's before the fetched one, and the fetched one before WebAssembly", async () => {
    const [bin, stateDirectory] = [temporaryDirectory(), temporaryDirectory()];
    const fetched = await workingMagick(path.join(stateDirectory, "magick/bin/magick"));
    const env = { PATH: bin };

    expect(await resolveMagick({ env, stateDirectory })).toMatchObject({ command: fetched, kind: "fetched" });
    const system = await workingMagick(path.join(bin, "magick"));
    expect(await resolveMagick({ env, stateDirectory })).toMatchObject({ command: system, kind: "system" });
  });

  it("passes over a system's magick that is version 6", async () => {
    const bin = temporaryDirectory();
    await script(path.join(bin, "magick"), "echo 'Version: ImageMagick 6.9.11-60 Q16'");

    expect(await resolveMagick({ env: { PATH: bin }, stateDirectory: temporaryDirectory() })).toMatchObject({
      kind: "wasm",
    });
  });

  it("falls back to WebAssembly where there is nothing else", async () => {
    const stateDirectory = path.join(temporaryDirectory(), "a b's", "state");

    const { command, kind, version } = await resolveMagick({ env: {}, stateDirectory });

    expect(kind).toBe("wasm");
    expect(version).toMatch(/^7\./);
    expect(command.startsWith(stateDirectory)).toBe(true);
    expect((await stat(command)).mode & 0o111).toBe(0o111);
  });
});

describe("the WebAssembly wrapper", () => {
  const convert = async (args: string[], env: NodeJS.ProcessEnv = { MAGICK_CONFIGURE_PATH: POLICY }) =>
    run(await writeWasmLauncher(temporaryDirectory()), args, quartersPng(20, 10), env);

  it("converts from standard input to standard output", async () => {
    const { stdout, stderr, exitCode } = await convert(["png:-", "-density", "72", "-compress", "JPEG", "pdf:-"]);

    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(readPdf(stdout).page).toEqual({ width: 20, height: 10 });
  });

  it("refuses arguments that it does not know with exit code 1, and names them", async () => {
    const { stdout, stderr, exitCode } = await convert(["png:-", "-blur", "3", "pdf:-"]);

    expect({ stdout: stdout.length, exitCode }).toEqual({ stdout: 0, exitCode: 1 });
    expect(stderr).toContain("-blur 3");
  });

  it("speaks of a broken image in magick's words", async () => {
    const { stdout, stderr, exitCode } = await convert(["jpeg:-", "pdf:-"]);

    expect({ stdout: stdout.length, exitCode }).toEqual({ stdout: 0, exitCode: 1 });
    expect(stderr).toMatch(/^magick: .* @ (error|fatal)\/.*\.$/m);
  });

  it("heeds the policy, and does nothing without one", async () => {
    const directory = temporaryDirectory();
    await writeFile(
      path.join(directory, "policy.xml"),
      '<policymap><policy domain="coder" rights="none" pattern="*"/></policymap>',
    );

    const denied = await convert(["png:-", "pdf:-"], { MAGICK_CONFIGURE_PATH: directory });
    const without = await convert(["png:-", "pdf:-"], {});

    expect(denied).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("NotAuthorized") });
    expect(without).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("MAGICK_CONFIGURE_PATH") });
  });
});
