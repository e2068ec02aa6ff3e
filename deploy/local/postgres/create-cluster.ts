import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PostgresBinaries } from "./postgres-binaries";
import type { PostgresLauncher } from "./postgres-launcher";

/** A cluster on disk. */
export interface Cluster {
  readonly dataDirectory: string;
  readonly superuser: { readonly name: string; readonly password: string };
}

const SUPERUSER = "postgres";

/**
 * Creates the cluster below `directory` on first use, with a random superuser password kept beside it (mode 0600);
 * afterwards only sees that the data belong to the user that Postgres runs as (a checkout may have been copied, or
 * used by root and by someone else in turn).
 * An interrupted creation leaves nothing that looks like a cluster.
 *
 * @throws Error with initdb's own words when it fails.
 */
export async function createCluster(
  directory: string,
  binaries: PostgresBinaries,
  launcher: PostgresLauncher,
): Promise<Cluster> {
  const cluster = join(directory, "cluster");
  const dataDirectory = join(cluster, "data");
  const passwordFile = join(cluster, "superuser-password");
  if (!(await exists(join(dataDirectory, "PG_VERSION")))) {
    await mkdir(directory, { recursive: true });
    await removeLeftovers(directory);
    const draft = await mkdtemp(join(directory, "creating-"));
    await chmod(draft, 0o755);
    await writeFile(join(draft, "superuser-password"), randomBytes(24).toString("hex"), { mode: 0o600 });
    await initialise(draft, binaries, launcher);
    await rename(draft, cluster);
  }
  await giveTo(dataDirectory, launcher.owner);
  await closeToOthers(dataDirectory);
  return { dataDirectory, superuser: { name: SUPERUSER, password: (await readFile(passwordFile, "utf8")).trim() } };
}

async function initialise(draft: string, binaries: PostgresBinaries, launcher: PostgresLauncher): Promise<void> {
  const data = join(draft, "data");
  await mkdir(data, { mode: 0o700 });
  await giveTo(data, launcher.owner);
  const passwordForInitdb = join(data, "..", "initdb-password");
  await writeFile(passwordForInitdb, await readFile(join(draft, "superuser-password")), { mode: 0o600 });
  await giveTo(passwordForInitdb, launcher.owner);
  const [command = binaries.initdb, ...args] = [
    ...launcher.prefix,
    binaries.initdb,
    `--pgdata=${data}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordForInitdb}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
    "--no-sync",
  ];
  await run(command, args, launcher);
  await rm(passwordForInitdb);
}

function run(command: string, args: readonly string[], launcher: PostgresLauncher): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...launcher.spawnAs,
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" },
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`initdb ended with ${signal ?? `exit code ${code}`}: ${output.trim()}`));
    });
  });
}

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith("creating-") || name === "cluster") await rm(join(directory, name), { recursive: true });
  }
}

/** Postgres accepts only data that belong to its own user. The top directory is changed last: it says "all done". */
async function giveTo(path: string, owner: { uid: number; gid: number } | undefined): Promise<void> {
  if (owner === undefined) return;
  const info = await stat(path);
  if (info.uid === owner.uid) return;
  if (info.isDirectory()) {
    for (const entry of await readdir(path, { recursive: true })) await chown(join(path, entry), owner.uid, owner.gid);
  }
  await chown(path, owner.uid, owner.gid);
}

/** Postgres refuses data that others may read, which a copy may have become. */
async function closeToOthers(dataDirectory: string): Promise<void> {
  try {
    await chmod(dataDirectory, 0o700);
  } catch (cause) {
    const { uid } = await stat(dataDirectory);
    const message = `${dataDirectory} belongs to uid ${uid}, who ran the stack here before: run it as that user, or remove it`;
    throw new Error(message, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
