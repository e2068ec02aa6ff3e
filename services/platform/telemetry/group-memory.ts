import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Memory in bytes that a control group (version 2) holds and cannot give up at once: of all its processes, and what lies in its
 * memory file systems. Cached files that are not in use do not count, as the kernel drops them first; Kubernetes counts so too.
 *
 * @param directory of the control group, with memory.current and memory.stat
 * @returns undefined where there is no such group
 */
export function groupMemory(directory: string): number | undefined {
  const current = read(join(directory, "memory.current"));
  if (current === undefined) {
    return undefined;
  }
  const inactiveFile = /^inactive_file (\d+)$/m.exec(read(join(directory, "memory.stat")) ?? "")?.[1] ?? "0";
  return Math.max(0, Number(current) - Number(inactiveFile));
}

/** Directory of the control group (version 2) of this process; undefined where it has none. */
export function ownGroup(): string | undefined {
  const path = /^0::(\/.*)$/m.exec(read("/proc/self/cgroup") ?? "")?.[1];
  return path === undefined ? undefined : join("/sys/fs/cgroup", path);
}

/** Files of another kernel, or of another version of control groups, are not there. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
