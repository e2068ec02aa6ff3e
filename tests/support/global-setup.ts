import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { freePort } from "../../deploy/local/ports/free-ports";
import { clearPostmaster } from "../../deploy/local/postgres/postmaster-file";
import { type RunningPostgres, startPostgres } from "../../deploy/local/postgres/start-postgres";
import { isRunning } from "../../deploy/local/processes/is-running";

declare module "vitest" {
  interface ProvidedContext {
    /** Superuser URL of the run's Postgres server. Tests take a database of their own by createTestDatabase(). */
    postgresUrl: string;
  }
}

const PREFIX = "mcsv-test-postgres-";

/** Starts one real Postgres for the whole vitest run, in a temporary directory, and removes it at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // Postgres may run as another user, who has to pass through.
  await chmod(directory, 0o711);
  const server = await startOnFreePort(directory);
  project.provide("postgresUrl", server.superuserUrl);
  // A run that ends without teardown (process.exit, uncaught error) takes the server with it.
  const kill = () => {
    process.kill(server.pid, "SIGQUIT");
  };
  process.once("exit", kill);
  return async () => {
    process.off("exit", kill);
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

/** Another run may take the port between the look and the start: three tries. */
async function startOnFreePort(directory: string): Promise<RunningPostgres> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startPostgres({ directory, port: await freePort(), maxConnections: 400, durable: false });
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** Removes what runs that were killed left behind: the directory's name carries the pid of the run. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!Number.isInteger(pid) || isRunning(pid)) continue;
    const directory = join(tmpdir(), name);
    await clearPostmaster(join(directory, "cluster", "data"));
    await rm(directory, { recursive: true, force: true });
  }
}
