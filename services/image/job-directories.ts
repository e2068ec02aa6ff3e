import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { isNoRoom, noRoom } from "./no-room";

const PREFIX = "mcsv-image-";

/** Makes a temporary directory for every run of magick: one that is killed leaves its files behind. */
export interface JobDirectories {
  /**
   * Runs `work` with an empty directory of its own, which is removed afterwards, whatever happens.
   *
   * @throws TwirpError unavailable when the disk is full
   */
  use<T>(work: (directory: string) => Promise<T>): Promise<T>;
  /** Removes what is left. */
  close(): Promise<void>;
}

/**
 * Prepares a directory of this process below `root`, and removes those of processes that are gone.
 *
 * @param root an existing directory, shared or not
 */
export async function createJobDirectories(root: string): Promise<JobDirectories> {
  await removeOrphans(root);
  const own = await mkdtemp(path.join(root, `${PREFIX}${process.pid}-`));
  return {
    async use(work) {
      const directory = await mkdtemp(path.join(own, "job-")).catch((error: unknown) => {
        throw isNoRoom(error) ? noRoom(error) : error;
      });
      try {
        return await work(directory);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    async close() {
      await rm(own, { recursive: true, force: true });
    },
  };
}

async function removeOrphans(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = Number(/^mcsv-image-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    // A directory of our own pid is of a process before us: in a container, every start has the same pid.
    if (Number.isInteger(pid) && (pid === process.pid || !isAlive(pid)) && (await isOurs(path.join(root, name)))) {
      await rm(path.join(root, name), { recursive: true, force: true });
    }
  }
}

/** In a shared root, others' directories are none of our business. */
async function isOurs(directory: string): Promise<boolean> {
  const { uid } = await lstat(directory);
  return uid === process.getuid?.();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
