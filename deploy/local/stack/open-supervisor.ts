import { join } from "node:path";
import { codeStamp } from "../processes/code-stamp";
import { forkSupervisor, type SupervisorChannel } from "../processes/fork-supervisor";
import { projectDirectory } from "../project-directory";
import { inherited } from "./passed-on";
import { StackError } from "./stack-error";
import type { StackLayout } from "./stack-layout";

/** The subcommand of main.ts that is the supervisor. */
export const SUPERVISE = "supervise";

const MAIN = "dist/deploy/local/main.js";

/**
 * Starts the supervisor of a stack.
 *
 * @returns undefined when the stack has one already.
 */
export function openSupervisor(layout: StackLayout, env: NodeJS.ProcessEnv): Promise<SupervisorChannel | undefined> {
  const script = join(projectDirectory(), MAIN);
  if (codeStamp([script]).startsWith("0 files")) {
    return Promise.reject(new StackError(`${script} is not there: run make build`));
  }
  return forkSupervisor({
    script,
    args: [SUPERVISE, layout.directory],
    logFile: join(layout.logs, "supervisor.log"),
    env: { ...inherited(env), NODE_COMPILE_CACHE: join(projectDirectory(), ".local/cache/node") },
  });
}

/** Stamp of the code that a supervisor runs. */
export function supervisorCodeStamp(): string {
  return codeStamp([MAIN, "dist/deploy/local/processes"].map((path) => join(projectDirectory(), path)));
}
