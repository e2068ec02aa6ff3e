import { readdir, readFile, readlink } from "node:fs/promises";

/** Who listens on a port, as far as this user may know. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** The socket state LISTEN in /proc/net/tcp. */
const LISTEN = "0A";

/**
 * Finds the process that listens on a TCP port, by /proc.
 *
 * @returns undefined where there is no /proc, or when the process belongs to another user.
 */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  if (process.platform !== "linux") return undefined;
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map(readIfThere));
  const sockets = new Set(tables.flatMap((table) => listeningSockets(table, port)));
  if (sockets.size === 0) return undefined;
  const pids = (await readdir("/proc")).map(Number).filter((pid) => Number.isInteger(pid));
  for (const pid of pids) {
    if (await holdsAny(pid, sockets)) return { pid, command: await commandLine(pid) };
  }
  return undefined;
}

/** Inodes of the sockets that listen on the port: columns 2 (local address), 4 (state) and 10 (inode). */
function listeningSockets(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) && columns[3] === LISTEN)
    .map((columns) => `socket:[${columns[9]}]`);
}

async function holdsAny(pid: number, sockets: ReadonlySet<string>): Promise<boolean> {
  try {
    for (const fd of await readdir(`/proc/${pid}/fd`)) {
      if (sockets.has(await readlink(`/proc/${pid}/fd/${fd}`))) return true;
    }
  } catch {
    // Another user's process, or one that has just ended.
  }
  return false;
}

async function commandLine(pid: number): Promise<string> {
  const words = (await readIfThere(`/proc/${pid}/cmdline`)).split("\0").filter((word) => word !== "");
  return words.join(" ").slice(0, 160);
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
