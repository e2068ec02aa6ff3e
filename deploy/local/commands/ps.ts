import { readFileSync } from "node:fs";
import { openRunDirectory } from "../processes/run-directory";
import { lockHolder } from "../processes/supervisor-lock";
import { COMPONENT, COMPONENTS, isServiceProcess } from "../stack/components";
import { stackLayout } from "../stack/stack-layout";
import { readStackState } from "../stack/stack-state";
import type { CommandContext } from "./command-context";

/** Lists the processes of the stack: pid, ports, age, restarts, memory. */
export function ps({ directory, write }: CommandContext): Promise<void> {
  const layout = stackLayout(directory);
  const run = openRunDirectory(layout.run);
  const supervisor = lockHolder(run.lockFile);
  const ports = readStackState(layout.stateFile)?.ports;
  const rows = [["NAME", "PID", "PORTS", "UP", "RESTARTS", "MEMORY"]];
  for (const name of COMPONENTS) {
    const record = run.running(name);
    const last = run.lastRecord(name);
    if (last === undefined || ports === undefined) continue;
    rows.push([
      name,
      record === undefined ? "ended" : String(record.pid),
      COMPONENT[name].ports.map((port) => ports[port]).join(" "),
      record === undefined ? "-" : age(Date.now() - record.startedAt),
      String(last.starts - 1),
      // Postgres is many processes that share memory: one figure would mislead.
      record === undefined || !(isServiceProcess(name) || name !== "postgres") ? "-" : memoryOf(record.pid),
    ]);
  }
  if (rows.length === 1) write("The stack is not up.\n");
  else {
    if (supervisor === undefined)
      write("The supervisor was killed: nothing restarts these. make up or make down cleans up.\n");
    write(table(rows));
  }
  return Promise.resolve();
}

function age(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Resident memory by /proc; "-" where there is none. */
function memoryOf(pid: number): string {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? "-" : `${Math.round(Number(kilobytes) / 1024)} MB`;
  } catch {
    return "-";
  }
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
