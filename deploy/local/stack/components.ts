import { createConnection } from "node:net";
import { tryQuery } from "../postgres/try-query";
import type { PortName, StackPorts } from "./stack-ports";

/** Processes of the stack, in the order in which they are listed. Services first, then what they stand on. */
export const COMPONENTS = [
  "client",
  "user",
  "job",
  "email",
  "image",
  "docs",
  "postgres",
  "s3",
  "inbox",
  "collector",
  "dashboard",
  "prometheus",
  "alertmanager",
] as const;

/** Name of a process of the stack. */
export type ComponentName = (typeof COMPONENTS)[number];

/** The five services. */
export const SERVICES = ["client", "user", "job", "email", "image"] as const satisfies readonly ComponentName[];

/** Name of one of the five services. */
export type ServiceName = (typeof SERVICES)[number];

/** What is run from services/: the five, and their documentation. */
export const SERVICE_PROCESSES = [...SERVICES, "docs"] as const satisfies readonly ComponentName[];

/** Name of a process that is run from services/. */
export type ServiceProcess = (typeof SERVICE_PROCESSES)[number];

/** Whether a component is run from services/. */
export function isServiceProcess(name: ComponentName): name is ServiceProcess {
  return SERVICE_PROCESSES.some((service) => service === name);
}

/** What the stack knows of a component beside how it is started. */
export interface Component {
  readonly ports: readonly PortName[];
  /**
   * When it is stopped: first who gives out work, then the worker, then whom it calls, and at last what all stand on.
   */
  readonly stopStage: number;
}

/** Ports and place of every component. */
export const COMPONENT: Readonly<Record<ComponentName, Component>> = {
  user: { ports: ["user"], stopStage: 1 },
  job: { ports: ["job"], stopStage: 2 },
  email: { ports: ["email"], stopStage: 3 },
  image: { ports: ["image"], stopStage: 3 },
  client: { ports: ["client"], stopStage: 3 },
  docs: { ports: ["docs", "redoc"], stopStage: 3 },
  inbox: { ports: ["inbox", "smtp"], stopStage: 4 },
  s3: { ports: ["s3"], stopStage: 4 },
  postgres: { ports: ["postgres"], stopStage: 4 },
  collector: { ports: ["jaeger", "otlp"], stopStage: 4 },
  dashboard: { ports: ["dashboard"], stopStage: 1 },
  prometheus: { ports: ["prometheus"], stopStage: 4 },
  alertmanager: { ports: ["alertmanager"], stopStage: 4 },
};

/**
 * Asks a component whether it is ready.
 *
 * @param superuserUrl connection URL of Postgres' superuser.
 * @returns undefined when it is, else why not.
 */
export async function probe(name: ComponentName, ports: StackPorts, superuserUrl: string): Promise<string | undefined> {
  switch (name) {
    case "postgres":
      return await tryQuery(superuserUrl);
    case "s3":
      // Any answer will do: without a signature it is a refusal.
      return await probeHttp(`http://127.0.0.1:${ports.s3}/`, () => true);
    case "inbox":
      return (
        (await probeHttp(`http://127.0.0.1:${ports.inbox}/api/v1/messages?limit=1`, isOk)) ??
        (await probeTcp(ports.smtp))
      );
    case "collector":
      return (await probeHttp(`http://127.0.0.1:${ports.jaeger}/api/services`, isOk)) ?? (await probeTcp(ports.otlp));
    case "dashboard":
      // Any answer will do: until the job service has started, there are no queues to show.
      return await probeHttp(`http://127.0.0.1:${ports.dashboard}/`, () => true);
    case "prometheus":
    case "alertmanager":
      return await probeHttp(`http://127.0.0.1:${ports[name]}/-/ready`, isOk);
    case "docs":
      return (
        (await probeHttp(`http://127.0.0.1:${ports.docs}/readyz`, isOk)) ??
        (await probeHttp(`http://127.0.0.1:${ports.redoc}/readyz`, isOk))
      );
    case "client":
    case "user":
    case "job":
    case "email":
    case "image":
      return await probeHttp(`http://127.0.0.1:${ports[name]}/readyz`, isOk);
    default:
      return name satisfies never;
  }
}

const PROBE_LIMIT_MS = 2_000;

function isOk(response: Response): boolean {
  return response.ok;
}

async function probeHttp(url: string, isReady: (response: Response) => boolean): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
    const body = await response.text();
    return isReady(response) ? undefined : `${url} answers ${response.status} ${body.slice(0, 500)}`;
  } catch (error) {
    return `${url} does not answer (${reasonOf(error)})`;
  }
}

function probeTcp(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1", timeout: PROBE_LIMIT_MS });
    const end = (reason: string | undefined) => {
      socket.destroy();
      resolve(reason);
    };
    socket.once("connect", () => end(undefined));
    socket.once("timeout", () => end(`port ${port} does not answer`));
    socket.once("error", (error) => end(`port ${port} does not answer (${reasonOf(error)})`));
  });
}

/** fetch() says only "fetch failed", and why in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return (cause as NodeJS.ErrnoException).code ?? cause.message;
}
