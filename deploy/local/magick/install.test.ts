import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../../tests/support/temporary-directory";

const INSTALL = path.join(__dirname, "install.sh");

/** A directory to use as PATH: the tools of every system, and these scripts. */
function pathWith(scripts: Record<string, string>): string {
  const directory = temporaryDirectory();
  for (const tool of ["bash", "dirname", "uname", "head", "grep", "mkdir", "mktemp", "rm", "sort", "cat", "sed"]) {
    const found = ["/bin", "/usr/bin"]
      .map((bin) => path.join(bin, tool))
      .find((file) => spawnSync("test", ["-x", file]).status === 0);
    symlinkSync(found ?? tool, path.join(directory, tool));
  }
  for (const [name, content] of Object.entries(scripts)) {
    const file = path.join(directory, name);
    writeFileSync(file, `#!/bin/sh\n${content}\n`);
    chmodSync(file, 0o755);
  }
  return directory;
}

function install(target: string, scripts: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync("bash", [INSTALL, target], {
    env: { PATH: pathWith(scripts) },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("install.sh", () => {
  it("does nothing where the system has ImageMagick 7", () => {
    const target = path.join(temporaryDirectory(), "magick");

    const { status, stdout } = install(target, { magick: "echo 'Version: ImageMagick 7.1.1-43 Q16'" });

    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining("already on this system") });
  });

  it("says what to do instead where there is no apt, and leaves nothing behind", () => {
    const parent = temporaryDirectory();

    const { status, stderr } = install(path.join(parent, "magick"), {});

    expect(status).toBe(1);
    expect(stderr).toMatch(/apt-get is not installed|this is not Debian/);
    expect(stderr).toContain("MAGICK_BIN");
    expect(readdirSync(parent)).toEqual([]);
  });

  it("says so where apt knows no Debian mirror, and leaves nothing behind", () => {
    const parent = temporaryDirectory();
    const other = "echo 'https://packages.example/apt/ nodistro main'";

    const { status, stderr } = install(path.join(parent, "magick"), {
      "apt-get": other,
      dpkg: "echo amd64",
      "dpkg-deb": "",
    });

    expect(status).toBe(1);
    expect(stderr).toMatch(/apt has no source for Debian|this is not Debian/);
    expect(readdirSync(parent)).toEqual([]);
  });
});
