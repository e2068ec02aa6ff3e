import type { Cluster } from "./create-cluster";
import type { PostgresBinaries } from "./postgres-binaries";
import type { PostgresLauncher } from "./postgres-launcher";

/** What a server is started with. */
export interface PostgresSettings {
  /** TCP port on 127.0.0.1. There is no Unix socket: its path may be too long in a deep checkout. */
  readonly port: number;
  readonly maxConnections: number;
  /** false only for tests: commits are then lost when the machine (not the process) dies. */
  readonly durable: boolean;
}

/** A program, its arguments and the user it runs as, for `spawn`. */
export interface PostgresCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly spawnAs: { readonly uid: number; readonly gid: number } | undefined;
}

/** The command that runs the server in the foreground, logging to stderr. The pid of the command is the server's. */
export function postgresCommand(
  cluster: Cluster,
  binaries: PostgresBinaries,
  launcher: PostgresLauncher,
  settings: PostgresSettings,
): PostgresCommand {
  const options: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    port: String(settings.port),
    unix_socket_directories: "",
    max_connections: String(settings.maxConnections),
    timezone: "UTC",
    log_timezone: "UTC",
    ...(settings.durable ? {} : { fsync: "off", full_page_writes: "off" }),
  };
  const [command = binaries.postgres, ...args] = [
    ...launcher.prefix,
    binaries.postgres,
    "-D",
    cluster.dataDirectory,
    ...Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  return {
    command,
    args,
    env: { LC_ALL: "C", TZ: "UTC" },
    spawnAs: launcher.spawnAs,
  };
}
