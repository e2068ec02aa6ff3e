import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ComponentName, ServiceName } from "../../deploy/local/stack/components";
import { freeStackPorts } from "../../deploy/local/stack/stack-ports";
import { type LocalStack, startStack } from "../../deploy/local/stack/start-stack";
import { FaultLog } from "./fault-log";
import { type Callers, createCallers } from "./load/callers";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy";
import { type CallbackWitness, startCallbackWitness } from "./witness/callback-witness";
import { type MailWitness, startMailWitness } from "./witness/mail-witness";

/** Who calls whom over a proxy; `s3` is the way of the user and the image service to the object store. */
export const LINKS = ["user-job", "job-email", "job-image", "job-user", "s3"] as const;

/** One of them. */
export type LinkName = (typeof LINKS)[number];

/** More environment variables, by component. */
export type SceneEnv = Readonly<Partial<Record<ComponentName, Readonly<Record<string, string>>>>>;

/** A stack of a drill's own, with all that the drill can do to it. */
export interface Scene {
  readonly stack: LocalStack;
  readonly links: Readonly<Record<LinkName, TcpProxy>>;
  readonly mail: MailWitness;
  readonly callbacks: CallbackWitness;
  readonly callers: Callers;
  readonly faults: FaultLog;
  /** Sends a signal that ends a component, which is then started again, and notes it as a fault. */
  kill(name: ComponentName, signal?: NodeJS.Signals): void;
  /** Lets so much time of a drill pass. */
  pass(ms: number): Promise<void>;
  /** Stops everything that was started, and removes what it kept. */
  close(): Promise<void>;
}

/** Time for a start, and for a component to be back, on a machine that is busy with something else. */
const READY_LIMIT_MS = 120_000;

/**
 * The clock of retries and of missed heartbeats, shortened: what lasts minutes in production lasts seconds here. The limits
 * are attempts that no drill uses up.
 */
const FAST_CLOCK: SceneEnv = {
  client: { EVENTS_CAPACITY: "100000" },
  job: {
    RETRY_DELAY_SECONDS: "1",
    RETRY_DELAY_MAX_SECONDS: "2",
    HEARTBEAT_INTERVAL_MS: "500",
    HEARTBEAT_TIMEOUT_MS: "2500",
    EMAIL_TIMEOUT_MS: "8000",
    IMAGE_CONVERSION_TIMEOUT_MS: "15000",
    CALLBACK_TIMEOUT_MS: "8000",
    EMAIL_MAX_ATTEMPTS: "1000",
    IMAGE_CONVERSION_MAX_ATTEMPTS: "1000",
  },
  email: { CLAIM_TIMEOUT_MS: "2000" },
};

/** Starts a stack on free ports, its services wired through proxies and to witnesses in this process. */
export async function openScene(env: SceneEnv = {}): Promise<Scene> {
  const directory = await mkdtemp(join(tmpdir(), "mcsv-chaos-"));
  const ports = await freeStackPorts();
  const closers: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async () => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    const links = await openLinks(ports);
    closers.push(() => Promise.all(Object.values(links).map((proxy) => proxy.close())));
    const callbacks = await startCallbackWitness(ports.client);
    closers.push(() => callbacks.close());
    const inbox = join(directory, "witnessed-mails");
    await mkdir(inbox);
    const mail = await startMailWitness({ smtpPort: ports.smtp, httpPort: ports.inbox, directory: inbox });
    closers.push(() => mail.close());
    const stack = await startStack({
      directory: join(directory, "stack"),
      ports,
      only: ["client", "user", "job", "email", "image", "postgres", "s3"],
      env: merge(wiring(links, callbacks.port), FAST_CLOCK, env),
      limitMs: READY_LIMIT_MS,
    });
    closers.push(() => stack.stop());
    const callers = createCallers(stack);
    closers.push(() => callers.close());
    const faults = new FaultLog();
    return {
      stack,
      links,
      mail,
      callbacks,
      callers,
      faults,
      kill: (name, signal = "SIGKILL") => {
        stack.kill(name, signal);
        faults.noteKill(name, signal);
      },
      pass: async (ms) => {
        await delay(ms);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openLinks(ports: { readonly [name: string]: number }): Promise<Record<LinkName, TcpProxy>> {
  const { job = 0, email = 0, image = 0, user = 0, s3 = 0 } = ports;
  return {
    "user-job": await startTcpProxy(job),
    "job-email": await startTcpProxy(email),
    "job-image": await startTcpProxy(image),
    "job-user": await startTcpProxy(user),
    s3: await startTcpProxy(s3),
  };
}

/** The variables that lead the services through the proxies. */
function wiring(links: Readonly<Record<LinkName, TcpProxy>>, witnessPort: number): SceneEnv {
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const untraced = { OTEL_SDK_DISABLED: "true" };
  const objectStore = { OBJECT_STORE_ENDPOINT: url(links.s3.port) };
  return {
    client: untraced,
    user: {
      ...untraced,
      ...objectStore,
      JOB_SERVICE_URL: url(links["user-job"].port),
      CLIENT_SERVICE_URL: url(witnessPort),
    },
    job: {
      ...untraced,
      EMAIL_SERVICE_URL: url(links["job-email"].port),
      IMAGE_SERVICE_URL: url(links["job-image"].port),
      USER_SERVICE_URL: url(links["job-user"].port),
    },
    email: untraced,
    image: { ...untraced, ...objectStore },
  };
}

function merge(...all: readonly SceneEnv[]): SceneEnv {
  const names = new Set(all.flatMap((env) => Object.keys(env) as ServiceName[]));
  return Object.fromEntries([...names].map((name) => [name, Object.assign({}, ...all.map((env) => env[name] ?? {}))]));
}
