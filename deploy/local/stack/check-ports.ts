import { tryListening } from "../ports/free-ports";
import { findPortHolder } from "../ports/port-holder";
import { COMPONENT, type ComponentName } from "./components";
import { StackError } from "./stack-error";
import { BASE_PORTS, MAX_PORT_OFFSET, type PortName, type StackPorts, unreachablePorts } from "./stack-ports";

/**
 * Sees that nobody listens on the ports of some components.
 *
 * @throws StackError that names each taken port, who holds it, and an offset at which all ports are free.
 */
export async function checkPorts(components: readonly ComponentName[], ports: StackPorts): Promise<void> {
  const names = components.flatMap((component) => COMPONENT[component].ports);
  const taken = await takenPorts(names, ports);
  if (taken.length === 0) return;
  const lines = await Promise.all(taken.map((name) => describe(name, ports[name])));
  const offset = await freeOffset(names);
  const advice =
    offset === undefined
      ? "Free them and try again."
      : `Free them, or move the stack: MCSV_PORT_OFFSET=${offset} make up`;
  throw new StackError(`Ports that the stack needs are taken:\n${lines.join("\n")}\n${advice}`);
}

async function takenPorts(names: readonly PortName[], ports: StackPorts): Promise<PortName[]> {
  const free = await Promise.all(names.map((name) => isFree(ports[name])));
  return names.filter((_, index) => !free[index]);
}

async function isFree(port: number): Promise<boolean> {
  const server = await tryListening(port);
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

async function describe(name: PortName, port: number): Promise<string> {
  const holder = await findPortHolder(port);
  const by = holder === undefined ? "a process of another user" : `pid ${holder.pid}: ${holder.command}`;
  return `  ${String(port).padEnd(5)}  ${name.padEnd(10)}  held by ${by}`;
}

/** The first round offset at which every port is free. */
export async function freeOffset(names: readonly PortName[]): Promise<number | undefined> {
  for (let offset = 100; offset <= MAX_PORT_OFFSET; offset += 100) {
    const moved = Object.fromEntries(names.map((name) => [name, BASE_PORTS[name] + offset])) as StackPorts;
    if (unreachablePorts(offset).length === 0 && (await takenPorts(names, moved)).length === 0) return offset;
  }
  return undefined;
}
