import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lastLines } from "../processes/log-file";
import type { RunDirectory } from "../processes/run-directory";
import { type ComponentName, probe } from "./components";
import { StackError } from "./stack-error";
import type { StackLayout } from "./stack-layout";
import type { StackPorts } from "./stack-ports";

/** What is waited for. */
export interface ReadinessOptions {
  readonly run: RunDirectory;
  readonly layout: StackLayout;
  readonly ports: StackPorts;
  readonly superuserUrl: string;
  readonly limitMs: number;
  /** Ends the waiting: the caller gave up, or the supervisor has ended. */
  readonly signal: AbortSignal;
  readonly onReady?: (name: ComponentName, tookMs: number) => void;
}

const PROBE_EVERY_MS = 50;
/** One that ended this often while it was waited for will not come up by waiting longer. */
const HOPELESS_DEATHS = 4;
const SHOWN_LOG_LINES = 25;

/**
 * Waits until the components are ready.
 *
 * @throws StackError that gives, for each that is not, the reason and the end of its log.
 */
export async function waitUntilReady(names: readonly ComponentName[], options: ReadinessOptions): Promise<void> {
  const began = Date.now();
  const reasons = await Promise.all(names.map((name) => waitForOne(name, began, options)));
  options.signal.throwIfAborted();
  const failed = names.flatMap((name, index) => {
    const reason = reasons[index];
    return reason === undefined ? [] : [describeFailure(name, reason, options)];
  });
  if (failed.length > 0) throw new StackError(failed.join("\n"));
}

/** @returns undefined when it is ready, else the last reason why it is not. */
async function waitForOne(name: ComponentName, began: number, options: ReadinessOptions): Promise<string | undefined> {
  const { run, ports, superuserUrl, limitMs, signal } = options;
  let firstSeen: number | undefined;
  for (;;) {
    // Whatever answers on the port counts only while the process itself runs.
    const reason = run.running(name) === undefined ? "it does not run" : await probe(name, ports, superuserUrl);
    if (reason === undefined) {
      options.onReady?.(name, Date.now() - began);
      return undefined;
    }
    const starts = run.lastRecord(name)?.starts ?? 0;
    firstSeen ??= starts;
    const deaths = starts - Math.max(1, firstSeen);
    if (deaths >= HOPELESS_DEATHS) return `it ended ${deaths} times`;
    if (signal.aborted) return reason;
    if (Date.now() - began > limitMs) return `not ready after ${limitMs / 1000} s: ${reason}`;
    await delay(PROBE_EVERY_MS);
  }
}

function describeFailure(name: ComponentName, reason: string, { run, layout }: ReadinessOptions): string {
  const file = join(layout.logs, `${name}.log`);
  const lines = lastLines(file, SHOWN_LOG_LINES, run.lastRecord(name)?.logOffset);
  return [`${name} is not ready: ${reason}`, `  ${file}:`, ...lines.map((line) => `    ${line.slice(0, 600)}`)].join(
    "\n",
  );
}
