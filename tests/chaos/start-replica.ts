import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../deploy/local/ports/free-ports";
import { openRunDirectory } from "../../deploy/local/processes/run-directory";
import { projectDirectory } from "../../deploy/local/project-directory";
import type { ServiceName } from "../../deploy/local/stack/components";
import { stackLayout } from "../../deploy/local/stack/stack-layout";
import type { LocalStack } from "../../deploy/local/stack/start-stack";

/** A second process of a service. */
export interface Replica {
  /** Ends it gracefully. */
  stop(): Promise<void>;
}

const READY_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 100;

/**
 * Starts another process of a service of a stack, with its settings and a port of its own.
 *
 * @throws when it does not become ready
 */
export async function startReplica(stack: LocalStack, service: ServiceName): Promise<Replica> {
  const specs = openRunDirectory(stackLayout(stack.directory).run).readSpecs();
  const spec = specs.find(({ name }) => name === service);
  if (spec === undefined) throw new Error(`the stack has no ${service}`);
  const port = await freePort();
  const child = spawn(spec.command, spec.args, {
    cwd: projectDirectory(),
    env: { ...process.env, ...spec.env, PORT: String(port) },
    stdio: "ignore",
  });
  const killed = () => child.kill("SIGKILL");
  process.once("exit", killed);
  const stop = async () => {
    process.off("exit", killed);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  const deadline = Date.now() + READY_LIMIT_MS;
  while (!(await isReady(port))) {
    if (Date.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error(`a second ${service} did not become ready`);
    }
    await delay(LOOK_EVERY_MS);
  }
  return { stop };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
