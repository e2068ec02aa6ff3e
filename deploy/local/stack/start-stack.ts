import { join } from "node:path";
import type { AuthFiles } from "../auth/create-auth-files";
import { resolveMagick } from "../magick/resolve-magick";
import { openRunDirectory } from "../processes/run-directory";
import { signalProcess } from "../processes/stop-processes";
import { projectDirectory } from "../project-directory";
import { COMPONENTS, type ComponentName } from "./components";
import { type Credentials, databaseUrl } from "./credentials";
import { launchStack } from "./launch-stack";
import { openSupervisor } from "./open-supervisor";
import type { StackSettings } from "./prepare-stack";
import { StackError } from "./stack-error";
import { stackLayout } from "./stack-layout";
import { freeStackPorts, portsAtOffset, type StackPorts } from "./stack-ports";
import { type StackUrls, stackUrls } from "./stack-urls";
import { waitUntilReady } from "./wait-until-ready";

/** What nobody but people at a browser needs. */
const ONLY_FOR_PEOPLE: ReadonlySet<ComponentName> = new Set(["prometheus", "alertmanager", "dashboard", "docs"]);

/** What a test asks for. */
export interface StartStackOptions {
  /** Home of the stack's state: an empty directory, or that of a stack that was stopped, whose data are then found again. */
  readonly directory: string;
  /** Ports of its own by default; an offset or a set of ports otherwise (to start again on the same ones). */
  readonly ports?: "free" | { readonly offset: number } | StackPorts;
  /** Which components; by default all that users and images need: no Prometheus, Alertmanager, queue dashboard and documentation. */
  readonly only?: readonly ComponentName[];
  /** More environment variables by component; they win over the stack's. */
  readonly env?: StackSettings["overrides"];
  /** The magick command; by default what `make up` would use here. */
  readonly magick?: string;
  /** Whether Postgres waits for the disk, so that data survive a power cut; by default they survive its own death only. */
  readonly durable?: boolean;
  /** Time until all must be ready. */
  readonly limitMs?: number;
}

/** A stack that belongs to the process that started it, and ends with it. */
export interface LocalStack {
  readonly urls: StackUrls;
  readonly ports: StackPorts;
  readonly directory: string;
  readonly credentials: Credentials;
  /** The API key and tokens to call the services with. */
  readonly auth: AuthFiles;
  /** Connection URL of Postgres' superuser. */
  readonly superuserUrl: string;
  /** Connection URL of a service's own role. */
  databaseUrl(service: "user" | "job" | "email"): string;
  /** Pid of a component that runs now. */
  pid(name: ComponentName): number | undefined;
  /** Sends a signal to a component. One that ends by it is started again. */
  kill(name: ComponentName, signal: NodeJS.Signals): void;
  /** Stops components gracefully and leaves them stopped until `resume`. */
  hold(...names: ComponentName[]): Promise<void>;
  /** Starts held components; resolves when they are ready. */
  resume(...names: ComponentName[]): Promise<void>;
  /** Resolves when these components (default: all) are ready. */
  ready(...names: ComponentName[]): Promise<void>;
  /** Stops everything; resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/**
 * Starts a stack of its own for a test: the built programs (`make build`) as separate processes under a supervisor.
 * When the calling process ends in whatever way, all of it ends too.
 *
 * @throws StackError when something does not come up within the limit; nothing is left running then.
 */
export async function startStack(options: StartStackOptions): Promise<LocalStack> {
  const layout = stackLayout(options.directory);
  const run = openRunDirectory(layout.run);
  const components = options.only ?? COMPONENTS.filter((name) => !ONLY_FOR_PEOPLE.has(name));
  const ports = await choosePorts(options.ports ?? "free");
  const limitMs = options.limitMs ?? 60_000;
  const settings: StackSettings = {
    layout,
    run,
    ports,
    components,
    magick: options.magick ?? (components.includes("image") ? await usualMagick() : "magick"),
    durable: options.durable ?? false,
    env: process.env,
    overrides: options.env ?? {},
  };
  const supervisor = await openSupervisor(layout, process.env);
  if (supervisor === undefined) throw new StackError(`a stack runs in ${layout.directory} already`);
  const launch = { limitMs, signal: new AbortController().signal, log: () => undefined };
  try {
    const { credentials, auth, superuserUrl } = await launchStack(settings, supervisor, launch);
    const ready = (...names: ComponentName[]) =>
      waitUntilReady(names.length === 0 ? components : names, {
        ...settings,
        superuserUrl,
        limitMs,
        signal: supervisor.ended,
      });
    return {
      urls: stackUrls(ports),
      ports,
      directory: layout.directory,
      credentials,
      auth,
      superuserUrl,
      databaseUrl: (service) => databaseUrl(`mcsv_${service}`, ports.postgres, credentials),
      pid: (name) => run.running(name)?.pid,
      kill: (name, signal) => {
        const record = run.running(name);
        if (record === undefined) throw new StackError(`${name} does not run`);
        signalProcess(record.pid, signal);
      },
      hold: async (...names) => {
        await Promise.all(names.map((name) => supervisor.hold(name)));
      },
      resume: async (...names) => {
        supervisor.start(names);
        await ready(...names);
      },
      ready,
      stop: () => supervisor.close(),
    };
  } catch (error) {
    await supervisor.close();
    throw error;
  }
}

async function usualMagick(): Promise<string> {
  const stateDirectory = join(projectDirectory(), ".local");
  return (await resolveMagick({ env: process.env, stateDirectory })).command;
}

async function choosePorts(wanted: "free" | { readonly offset: number } | StackPorts): Promise<StackPorts> {
  if (wanted === "free") return await freeStackPorts();
  return "offset" in wanted ? portsAtOffset(wanted.offset) : wanted;
}
