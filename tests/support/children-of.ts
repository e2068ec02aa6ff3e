import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Ids of the processes that a process has started and that are still there; none where there is no /proc. */
export function childrenOf(pid: number | "self"): string[] {
  const tasks = `/proc/${pid}/task`;
  // Each thread lists its own.
  return existsSync(tasks)
    ? readdirSync(tasks).flatMap((task) =>
        readIfThere(`${tasks}/${task}/children`)
          .split(" ")
          .filter((child) => child !== ""),
      )
    : [];
}

/** Reads a file of /proc; a process may end between the listing and the reading. */
export function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      return "";
    }
    throw error;
  }
}
