import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ComponentName } from "../../../deploy/local/stack/components";
import type { Drill, Preparation } from "../drill";

const FULL_MS = 4_000;
const FILLER = "filler-";

/** No space and no file left where magick keeps what it works on. */
export const diskFullForMagick: Drill = diskFull("disk-full-magick", "image", "IMAGE_TEMP_DIR", "magick's disk full");

/** No space left where the object store keeps its objects. */
export const diskFullForObjectStore: Drill = diskFull(
  "object-store-disk-full",
  "s3",
  "S3_DATA_DIR",
  "the object store's disk full",
);

function diskFull(name: string, component: ComponentName, variable: string, what: string): Drill {
  let directory = "";
  return {
    name,
    prepare: async () => {
      const mounted = await mountSmallDisk();
      if (typeof mounted === "string") return mounted;
      directory = mounted.directory;
      return { env: { [component]: { [variable]: directory } }, undo: mounted.undo };
    },
    inject: ({ faults, pass }) =>
      faults.during(what, async () => {
        await fill(directory);
        await pass(FULL_MS);
        await free(directory);
      }),
  };
}

/** Mounts a disk of a few MB, in memory; resolves to why not, where this user may not. */
async function mountSmallDisk(): Promise<{ directory: string; undo: Preparation["undo"] } | string> {
  const directory = await mkdtemp(join(tmpdir(), "mcsv-chaos-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m,nr_inodes=1200", "tmpfs", directory], { stdio: "pipe" });
  } catch (error) {
    await rm(directory, { recursive: true });
    const { stderr } = error as { stderr?: Buffer };
    return `a small disk cannot be mounted here (${stderr?.toString().trim() || String(error)})`;
  }
  await chmod(directory, 0o700);
  return {
    directory,
    undo: async () => {
      execFileSync("umount", ["--lazy", directory], { stdio: "pipe" });
      await rm(directory, { recursive: true });
    },
  };
}

/** Takes all space and all inodes. */
async function fill(directory: string): Promise<void> {
  await writeFile(join(directory, `${FILLER}0`), Buffer.alloc((await statfs(directory)).bavail * 4096)).catch(
    ignoreFull,
  );
  for (let number = 1, full = false; !full; number += 1) {
    await writeFile(join(directory, `${FILLER}${number}`), "").catch((error: unknown) => {
      ignoreFull(error);
      full = true;
    });
  }
}

async function free(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(FILLER)) await rm(join(directory, name));
  }
}

function ignoreFull(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
}
