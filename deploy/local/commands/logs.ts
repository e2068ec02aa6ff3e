import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { prettyLine } from "../../../services/platform/logging/pretty-line";
import { lastLines } from "../processes/log-file";
import { StackError } from "../stack/stack-error";
import { stackLayout } from "../stack/stack-layout";
import type { CommandContext } from "./command-context";

const POLL_MS = 200;
const FIRST_LINES = 20;
const CHUNK_BYTES = 1_000_000;

/**
 * Prints the end of the logs, then what is added to them until Ctrl-C. On a terminal JSON lines become readable ones.
 *
 * @param name one process; undefined: all.
 * @throws StackError when there is no such log.
 */
export async function logs(
  name: string | undefined,
  { follow }: { readonly follow: boolean },
  { directory, signal, isTerminal, write }: CommandContext,
): Promise<void> {
  const { logs: logDirectory } = stackLayout(directory);
  const names = existsSync(logDirectory) ? namesOfLogs(logDirectory) : [];
  const chosen = name === undefined ? names : names.filter((candidate) => candidate === name);
  if (chosen.length === 0) {
    const known = names.length === 0 ? "there are none yet: make up" : `there are ${names.join(", ")}`;
    throw new StackError(name === undefined ? known : `no log of "${name}": ${known}`);
  }
  const width = Math.max(...chosen.map((candidate) => candidate.length));
  const print = (source: string, lines: readonly string[]) => {
    const prefix = chosen.length === 1 ? "" : `${source.padEnd(width)} | `;
    for (const line of lines) write(`${prefix}${isTerminal ? readable(line) : line}\n`);
  };
  const tails = chosen.map((source) => ({ source, tail: openTail(join(logDirectory, `${source}.log`)) }));
  for (const { source } of tails) print(source, lastLines(join(logDirectory, `${source}.log`), FIRST_LINES));
  while (follow && !signal.aborted) {
    await delay(POLL_MS);
    for (const { source, tail } of tails) print(source, tail());
  }
}

function namesOfLogs(directory: string): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith(".log"))
    .map((file) => file.slice(0, -".log".length))
    .sort();
}

/** Gives, at each call, the whole lines that were added to a file since the last, also after it was rotated. */
function openTail(path: string): () => string[] {
  let position = sizeOf(path);
  let rest = "";
  return () => {
    const descriptor = openSync(path, "r");
    try {
      const { size } = fstatSync(descriptor);
      if (size < position) position = 0;
      const buffer = Buffer.alloc(Math.min(size - position, CHUNK_BYTES));
      position += readSync(descriptor, buffer, 0, buffer.length, position);
      const lines = (rest + buffer.toString()).split("\n");
      rest = lines.pop() ?? "";
      return lines;
    } finally {
      closeSync(descriptor);
    }
  };
}

function sizeOf(path: string): number {
  const descriptor = openSync(path, "r");
  try {
    return fstatSync(descriptor).size;
  } finally {
    closeSync(descriptor);
  }
}

const logLine = z.looseObject({ time: z.string(), level: z.string(), service: z.string(), message: z.string() });

function readable(line: string): string {
  if (!line.startsWith("{")) return line;
  try {
    return prettyLine(logLine.parse(JSON.parse(line)), true);
  } catch {
    // Not one of our log lines: as it is.
    return line;
  }
}
