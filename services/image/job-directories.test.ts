import { existsSync } from "node:fs";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../tests/support/temporary-directory";
import { createJobDirectories } from "./job-directories";

/** Above the largest pid that Linux gives. */
const NO_PID = 2 ** 22 + 1;

describe("createJobDirectories", () => {
  it("gives each job an empty directory that nobody else can enter, and removes it with what is in it", async () => {
    const directories = await createJobDirectories(temporaryDirectory());

    const used = await directories.use(async (directory) => {
      expect(await readdir(directory)).toEqual([]);
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
      await writeFile(path.join(directory, "left-behind"), "pixels");
      return directory;
    });

    expect(existsSync(used)).toBe(false);
  });

  it("removes the directory of a job that failed", async () => {
    const directories = await createJobDirectories(temporaryDirectory());
    let used = "";

    const failing = directories.use((directory) => {
      used = directory;
      return Promise.reject(new Error("broken"));
    });

    await expect(failing).rejects.toThrow("broken");
    expect(existsSync(used)).toBe(false);
  });

  it("removes what killed processes left behind, and nothing else", async () => {
    const root = temporaryDirectory();
    await mkdir(path.join(root, `mcsv-image-${NO_PID}-abc`, "job-1"), { recursive: true });
    await mkdir(path.join(root, `mcsv-image-${process.ppid}-abc`));
    await mkdir(path.join(root, "mcsv-image-of-somebody"));

    const directories = await createJobDirectories(root);
    await directories.close();

    expect((await readdir(root)).sort()).toEqual([`mcsv-image-${process.ppid}-abc`, "mcsv-image-of-somebody"].sort());
  });
});
