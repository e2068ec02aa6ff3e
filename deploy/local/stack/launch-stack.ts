import { setTimeout as delay } from "node:timers/promises";
import { createDatabases } from "../postgres/create-databases";
import { tryQuery } from "../postgres/try-query";
import type { SupervisorChannel } from "../processes/fork-supervisor";
import { type ComponentName, isServiceProcess } from "./components";
import { createDashboardRole } from "./dashboard";
import { clearTheWay, type PreparedStack, prepareStack, type StackSettings } from "./prepare-stack";
import { waitUntilReady } from "./wait-until-ready";

/** How the caller follows and limits a start. */
export interface LaunchOptions {
  readonly limitMs: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly onReady?: (name: ComponentName, tookMs: number) => void;
}

/**
 * Starts a stack under a supervisor that has nothing to supervise yet, and waits until all of it is ready.
 * Everything starts at the same time, but for the services, which follow as soon as their databases exist.
 *
 * @throws StackError when ports are taken or something does not come up; what was started is the supervisor's to stop.
 */
export async function launchStack(
  settings: StackSettings,
  supervisor: SupervisorChannel,
  options: LaunchOptions,
): Promise<PreparedStack> {
  await clearTheWay(settings, options.log);
  const prepared = await prepareStack(settings);
  settings.run.writeSpecs(prepared.specs);
  const signal = AbortSignal.any([options.signal, supervisor.ended]);
  const needsDatabases = (name: ComponentName) => isServiceProcess(name) || name === "dashboard";
  const later = settings.components.filter(needsDatabases);
  supervisor.start(settings.components.filter((name) => !needsDatabases(name)));
  if (settings.components.includes("postgres")) await createDatabasesWhenUp(prepared, options.limitMs, signal);
  supervisor.start(later);
  await waitUntilReady(settings.components, { ...settings, ...prepared, ...options, signal });
  return prepared;
}

/** A server that does not come up is reported by the wait for readiness, with its log. */
async function createDatabasesWhenUp(stack: PreparedStack, limitMs: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + limitMs;
  while ((await tryQuery(stack.superuserUrl)) !== undefined) {
    if (signal.aborted || Date.now() > deadline) return;
    await delay(20);
  }
  await createDatabases(stack.superuserUrl, stack.credentials.databasePasswords);
  await createDashboardRole(stack.superuserUrl, stack.credentials);
}
