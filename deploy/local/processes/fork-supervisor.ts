import { fork } from "node:child_process";
import { closeSync } from "node:fs";
import { openLog } from "./log-file";
import { type SupervisorCommand, type SupervisorEvent, supervisorEvent } from "./supervisor-protocol";

/** A supervisor that ends with this process, unless it is released. */
export interface SupervisorChannel {
  readonly pid: number;
  start(names: readonly string[]): void;
  /** Stops a process and leaves it stopped until `start`. */
  hold(name: string): Promise<void>;
  /** Lets it go on without this process. */
  release(): Promise<void>;
  /** Has everything stopped; resolves when the supervisor has ended. */
  close(): Promise<void>;
  /** Aborted when the supervisor has ended. */
  readonly ended: AbortSignal;
}

/** How to start it. */
export interface ForkOptions {
  /** The script and its arguments. */
  readonly script: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Starts the supervisor as a process of its own and waits until it holds the lock.
 *
 * @returns undefined when another supervisor holds it.
 * @throws Error when it ends before.
 */
export async function forkSupervisor(options: ForkOptions): Promise<SupervisorChannel | undefined> {
  const log = openLog(options.logFile);
  const child = fork(options.script, options.args, {
    detached: true,
    env: options.env,
    execArgv: [],
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  const ended = new AbortController();
  const endedError = () => new Error(`the supervisor has ended: see ${options.logFile}`);
  child.once("exit", () => ended.abort(endedError()));
  child.once("error", () => ended.abort(endedError()));

  /** Sends a command, then waits for an event. */
  function ask(isAnswer: (event: SupervisorEvent) => boolean, command?: SupervisorCommand): Promise<SupervisorEvent> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        child.off("message", onMessage);
        ended.signal.removeEventListener("abort", onEnd);
      };
      const onMessage = (message: unknown) => {
        const event = supervisorEvent.parse(message);
        if (!isAnswer(event)) return;
        finish();
        resolve(event);
      };
      const onEnd = () => {
        finish();
        reject(endedError());
      };
      if (ended.signal.aborted) return onEnd();
      child.on("message", onMessage);
      ended.signal.addEventListener("abort", onEnd);
      if (command !== undefined) child.send(command);
    });
  }

  const first = await ask((event) => event.kind === "locked" || event.kind === "taken");
  const { pid } = child;
  if (first.kind === "taken" || pid === undefined) return undefined;
  return {
    pid,
    ended: ended.signal,
    start: (names) => {
      child.send({ kind: "start", names: [...names] } satisfies SupervisorCommand);
    },
    hold: async (name) => {
      await ask((event) => event.kind === "held" && event.name === name, { kind: "hold", name });
    },
    release: async () => {
      await ask((event) => event.kind === "released", { kind: "release" });
      child.disconnect();
      child.unref();
    },
    close: () =>
      new Promise((resolve) => {
        if (ended.signal.aborted) return resolve();
        ended.signal.addEventListener("abort", () => resolve());
        if (child.connected) child.disconnect();
      }),
  };
}
