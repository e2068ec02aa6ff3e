import { setTimeout as delay } from "node:timers/promises";
import type { SupervisorChannel } from "../processes/fork-supervisor";
import { fingerprint } from "../processes/process-spec";
import { openRunDirectory } from "../processes/run-directory";
import { stopProcesses } from "../processes/stop-processes";
import { lockHolder } from "../processes/supervisor-lock";
import { findAlertmanager } from "./alertmanager";
import { COMPONENTS, type ComponentName } from "./components";
import { type LaunchOptions, launchStack } from "./launch-stack";
import { openSupervisor, supervisorCodeStamp } from "./open-supervisor";
import { prepareStack, type StackSettings } from "./prepare-stack";
import { findPrometheus } from "./prometheus";
import { StackError } from "./stack-error";
import { stackLayout } from "./stack-layout";
import { portOffsetFrom, portsAtOffset, type StackPorts } from "./stack-ports";
import { readStackState, writeStackState } from "./stack-state";
import { takeDown } from "./take-down";
import { waitUntilReady } from "./wait-until-ready";

/** What `make up` and the demo ask for. */
export interface BringUpOptions extends LaunchOptions {
  /** `.local` of the checkout. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** The magick command that conversions use. */
  readonly magick: string;
  /** Which components; by default all that can run here. */
  readonly only?: readonly ComponentName[];
}

/** What came of it. */
export interface BroughtUp {
  readonly portOffset: number;
  readonly ports: StackPorts;
  /** `started` now; `running` already; `renewed`: it ran, and what was built anew since then was restarted. */
  readonly outcome: "started" | "running" | "renewed";
  /** Names of what was restarted. */
  readonly renewed: readonly string[];
}

/**
 * Brings the stack of a checkout up and leaves it running. A stack that runs already is left alone, but for
 * processes whose program or settings have changed.
 *
 * @throws StackError when ports are taken or something does not come up; what this call started is stopped then.
 * @throws the signal's reason when it is aborted, equally with nothing left behind.
 */
export async function bringUp(options: BringUpOptions): Promise<BroughtUp> {
  const layout = stackLayout(options.directory);
  const run = openRunDirectory(layout.run);
  const before = readStackState(layout.stateFile)?.portOffset;
  const portOffset = portOffsetFrom(options.env) ?? before ?? 0;
  const ports = portsAtOffset(portOffset);
  const missing = notInstalled(options.env);
  const components = options.only ?? COMPONENTS.filter((name) => !missing.has(name));
  const settings: StackSettings = { ...options, layout, run, ports, components, durable: true, overrides: {} };

  const holder = lockHolder(run.lockFile);
  if (holder !== undefined) {
    const reason = whyRestart(
      settings,
      holder.codeStamp !== supervisorCodeStamp(),
      portOffset !== (before ?? portOffset),
    );
    if (reason === undefined) return { portOffset, ports, ...(await attach(settings, options)) };
    options.log(`${reason}: restarting the stack`);
    await takeDown(layout);
  }
  const supervisor = await openSupervisor(layout, options.env);
  // Somebody else was faster: what they bring up is waited for.
  if (supervisor === undefined) return { portOffset, ports, ...(await attach(settings, options)) };
  writeStackState(layout.stateFile, { portOffset, ports });
  await startAndRelease(settings, supervisor, options, layout.stateFile, before);
  return { portOffset, ports, outcome: "started", renewed: [] };
}

/** What only runs where its program is installed, and is not here. */
function notInstalled(env: NodeJS.ProcessEnv): ReadonlySet<ComponentName> {
  return new Set([
    ...(findPrometheus(env) === undefined ? (["prometheus"] as const) : []),
    ...(findAlertmanager(env) === undefined ? (["alertmanager"] as const) : []),
  ]);
}

async function startAndRelease(
  settings: StackSettings,
  supervisor: SupervisorChannel,
  options: BringUpOptions,
  stateFile: string,
  offsetBefore: number | undefined,
): Promise<void> {
  try {
    await launchStack(settings, supervisor, options);
    await supervisor.release();
  } catch (error) {
    await supervisor.close();
    // An offset that did not work is not worth remembering.
    if (offsetBefore !== undefined) {
      writeStackState(stateFile, { portOffset: offsetBefore, ports: portsAtOffset(offsetBefore) });
    }
    throw error;
  }
}

/** A running supervisor cannot change its own code, its ports or its set of processes. */
function whyRestart(settings: StackSettings, codeChanged: boolean, offsetChanged: boolean): string | undefined {
  if (codeChanged) return "the supervisor was built anew";
  if (offsetChanged) return "the port offset has changed";
  const names = settings.run.readSpecs().map(({ name }) => name);
  const same = names.length === settings.components.length && settings.components.every((name) => names.includes(name));
  return same ? undefined : "the set of processes has changed";
}

/** Joins a stack that another `up` started: renews what has changed, and waits until all is ready. */
async function attach(
  settings: StackSettings,
  options: BringUpOptions,
): Promise<Pick<BroughtUp, "outcome" | "renewed">> {
  const { run, layout } = settings;
  const prepared = await prepareStack(settings);
  const changed = run
    .allRunning()
    .filter(({ name, fingerprint: print }) =>
      prepared.specs.some((spec) => spec.name === name && fingerprint(spec) !== print),
    );
  // Also for those that are just waiting to be started again.
  run.writeSpecs(prepared.specs);
  if (changed.length > 0) {
    options.log(`changed since it was started, restarting: ${changed.map(({ name }) => name).join(", ")}`);
    await stopProcesses(changed, () => undefined);
  }
  const gone = new AbortController();
  const watch = watchSupervisor(run.lockFile, gone);
  try {
    const signal = AbortSignal.any([options.signal, gone.signal]);
    await waitUntilReady(settings.components, { ...settings, ...prepared, layout, ...options, signal });
  } finally {
    clearInterval(watch);
  }
  const renewed = changed.map(({ name }) => name);
  return { outcome: renewed.length > 0 ? "renewed" : "running", renewed };
}

function watchSupervisor(lockFile: string, gone: AbortController): NodeJS.Timeout {
  return setInterval(() => {
    if (lockHolder(lockFile) === undefined) gone.abort(new StackError("the stack was stopped while it was waited for"));
  }, 200);
}

/** Restarts one process of a running stack and waits until it is ready again. */
export async function restart(name: ComponentName, options: BringUpOptions): Promise<void> {
  const layout = stackLayout(options.directory);
  const run = openRunDirectory(layout.run);
  const state = readStackState(layout.stateFile);
  const record = run.running(name);
  if (lockHolder(run.lockFile) === undefined || state === undefined)
    throw new StackError("the stack is not up: make up");
  if (record !== undefined) await stopProcesses([record], () => undefined);
  while (run.running(name) === undefined) await delay(20);
  const components = COMPONENTS.filter((component) => component === name || run.lastRecord(component) !== undefined);
  const settings: StackSettings = {
    ...options,
    layout,
    run,
    ports: state.ports,
    components,
    durable: true,
    overrides: {},
  };
  const { superuserUrl } = await prepareStack(settings);
  await waitUntilReady([name], { ...settings, superuserUrl, ...options });
}
