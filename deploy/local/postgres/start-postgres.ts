import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createCluster } from "./create-cluster";
import { findPostgresBinaries } from "./postgres-binaries";
import { type PostgresSettings, postgresCommand } from "./postgres-command";
import { choosePostgresLauncher } from "./postgres-launcher";
import { clearPostmaster, stopPostmaster } from "./postmaster-file";
import { tryQuery } from "./try-query";

/** A server that accepts connections. */
export interface RunningPostgres {
  readonly port: number;
  readonly pid: number;
  readonly dataDirectory: string;
  /** Connection URL of the superuser. */
  readonly superuserUrl: string;
  /** Fast shutdown; resolves when the process has ended. */
  stop(): Promise<void>;
}

/**
 * Starts a real Postgres on a directory (created on first use, kept afterwards) and waits until it answers.
 * A server that an earlier run left there is stopped first.
 *
 * @param options.directory home of the cluster and of its log, `postgres.log`.
 * @throws Error with the end of the server's log when it does not come up.
 */
export async function startPostgres(
  options: { readonly directory: string; readonly startLimitMs?: number } & PostgresSettings,
): Promise<RunningPostgres> {
  const binaries = findPostgresBinaries();
  const launcher = choosePostgresLauncher(binaries.postgres);
  const cluster = await createCluster(options.directory, binaries, launcher);
  await clearPostmaster(cluster.dataDirectory);
  const { command, args, env, spawnAs } = postgresCommand(cluster, binaries, launcher, options);
  const logFile = join(options.directory, "postgres.log");
  const log = openSync(logFile, "a");
  const child = spawn(command, args, {
    ...spawnAs,
    env: { ...process.env, ...env },
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  const { name, password } = cluster.superuser;
  const superuserUrl = `postgres://${name}:${password}@127.0.0.1:${options.port}/postgres`;
  const pid = await answering(child, superuserUrl, logFile, options.startLimitMs ?? 30_000);
  child.unref();
  const stop = () => stopPostmaster(pid, 10_000);
  return { port: options.port, pid, dataDirectory: cluster.dataDirectory, superuserUrl, stop };
}

/** Waits until the server takes a query, or ends. */
async function answering(child: ChildProcess, url: string, logFile: string, limitMs: number): Promise<number> {
  let spawnError: Error | undefined;
  child.on("error", (error) => {
    spawnError = error;
  });
  const deadline = Date.now() + limitMs;
  for (;;) {
    if (spawnError !== undefined)
      throw new Error(`Postgres did not start: ${spawnError.message}`, { cause: spawnError });
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill("SIGQUIT");
      const log = (await readFile(logFile, "utf8")).trim().split("\n").slice(-5).join("\n");
      throw new Error(`Postgres did not start (${child.signalCode ?? `exit code ${child.exitCode}`}):\n${log}`);
    }
    const failure = await tryQuery(url);
    if (failure === undefined && child.pid !== undefined) return child.pid;
    await delay(20);
  }
}
