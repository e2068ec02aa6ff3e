import { freePorts } from "../ports/free-ports";
import { StackError } from "./stack-error";

/** Every port of the stack, before the offset is added. */
export const BASE_PORTS = {
  client: 4000,
  user: 8081,
  job: 8082,
  email: 8083,
  image: 8084,
  docs: 8087,
  redoc: 8086,
  postgres: 5432,
  s3: 9000,
  smtp: 1025,
  inbox: 8025,
  otlp: 4317,
  jaeger: 16686,
  dashboard: 8089,
  prometheus: 9090,
  alertmanager: 9093,
} as const;

/** Name of a port. */
export type PortName = keyof typeof BASE_PORTS;

/** Ports of one stack, by name. */
export type StackPorts = Readonly<Record<PortName, number>>;

/** The largest offset that leaves every port below 65536. */
export const MAX_PORT_OFFSET = 40_000;

/** Above 4000: ports that fetch() and browsers refuse to talk to (Fetch standard, section 2.9 "Port blocking"). */
const BLOCKED_BY_FETCH: ReadonlySet<number> = new Set([
  4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Whether browsers and fetch() refuse to talk to a port above 4000. */
export function isBlockedByFetch(port: number): boolean {
  return BLOCKED_BY_FETCH.has(port);
}

/** Ports of the stack that do not speak HTTP. */
const NOT_HTTP: ReadonlySet<string> = new Set(["postgres", "smtp", "otlp"] satisfies PortName[]);

/** Names of the ports that an offset would move to where neither a browser nor the CLI can reach them. */
export function unreachablePorts(offset: number): PortName[] {
  return portNames.filter((name) => !NOT_HTTP.has(name) && isBlockedByFetch(BASE_PORTS[name] + offset));
}

/** Ports of a stack that is moved by an offset. */
export function portsAtOffset(offset: number): StackPorts {
  return mapPorts((name) => BASE_PORTS[name] + offset);
}

/** Ports that nothing listens on, for a stack of a test. */
export async function freeStackPorts(): Promise<StackPorts> {
  const free = await freePorts(portNames.length);
  return mapPorts((name) => free[portNames.indexOf(name)] ?? 0);
}

/**
 * Reads MCSV_PORT_OFFSET.
 *
 * @returns undefined when it is not set.
 * @throws StackError when it is no offset.
 */
export function portOffsetFrom(env: NodeJS.ProcessEnv): number | undefined {
  const value = env["MCSV_PORT_OFFSET"];
  if (value === undefined || value === "") return undefined;
  const offset = Number(value);
  if (!/^\d+$/.test(value) || offset > MAX_PORT_OFFSET) {
    throw new StackError(`MCSV_PORT_OFFSET is "${value}": must be an integer from 0 to ${MAX_PORT_OFFSET}`);
  }
  const [unreachable] = unreachablePorts(offset);
  if (unreachable !== undefined) {
    const port = BASE_PORTS[unreachable] + offset;
    throw new StackError(
      `MCSV_PORT_OFFSET is ${offset}: it moves ${unreachable} to port ${port}, which browsers and fetch() refuse; take another`,
    );
  }
  return offset;
}

const portNames = Object.keys(BASE_PORTS) as PortName[];

function mapPorts(port: (name: PortName) => number): StackPorts {
  return Object.fromEntries(portNames.map((name) => [name, port(name)])) as Record<PortName, number>;
}
