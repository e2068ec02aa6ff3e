import { join } from "node:path";
import { Argument, Command } from "commander";
import type { CommandContext } from "./commands/command-context";
import { down } from "./commands/down";
import { logs } from "./commands/logs";
import { ps } from "./commands/ps";
import { up } from "./commands/up";
import { resolveMagick } from "./magick/resolve-magick";
import { openRunDirectory } from "./processes/run-directory";
import { supervise } from "./processes/supervise";
import { projectDirectory } from "./project-directory";
import { restart } from "./stack/bring-up";
import { COMPONENTS, type ComponentName } from "./stack/components";
import { SUPERVISE, supervisorCodeStamp } from "./stack/open-supervisor";
import { StackError } from "./stack/stack-error";
import { stackLayout } from "./stack/stack-layout";

/** Exit code of a command that Ctrl-C ended. */
const INTERRUPTED = 130;

function createProgram(context: CommandContext, outputClosed: AbortSignal): Command {
  const program = new Command("local").description("The whole stack on this machine, without containers.");
  program
    .command("up")
    .description("start what is not up and wait until all is ready")
    .action(() => up(context));
  program
    .command("down")
    .description("stop everything")
    .action(() => down(context));
  program
    .command("clean")
    .description("stop everything; what it stored goes with .local")
    .action(() => down(context));
  program
    .command("ps")
    .description("list the processes")
    .action(() => ps(context));
  program
    .command("logs")
    .description("print the logs and follow them")
    .argument("[name]", "a process, as ps names it, or supervisor")
    .option("--no-follow", "only print what there is")
    .action((name: string | undefined, options: { follow: boolean }) => {
      const signal = AbortSignal.any([context.signal, outputClosed]);
      return logs(name, options, { ...context, signal });
    });
  program
    .command("restart")
    .description("restart one process")
    .addArgument(new Argument("<name>", "a process, as ps names it").choices(COMPONENTS))
    .action(async (name: ComponentName) => {
      const magick = (await context.magick()).command;
      await restart(name, { ...context, magick, limitMs: 60_000, log: context.write });
      context.write(`${name} is ready again.\n`);
    });
  program.command(SUPERVISE, { hidden: true }).argument("<directory>").action(runSupervisor);
  return program;
}

async function runSupervisor(directory: string): Promise<void> {
  const layout = stackLayout(directory);
  await supervise({
    run: openRunDirectory(layout.run),
    logDirectory: layout.logs,
    workingDirectory: projectDirectory(),
    codeStamp: supervisorCodeStamp(),
  });
  process.exit(0);
}

async function main(): Promise<void> {
  const interrupted = new AbortController();
  const isSupervisor = process.argv[2] === SUPERVISE;
  if (!isSupervisor) {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  }
  // `make logs | head`: whoever read the output has seen enough.
  const outputClosed = new AbortController();
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    outputClosed.abort();
  });
  const directory = join(projectDirectory(), ".local");
  const context: CommandContext = {
    directory,
    env: process.env,
    signal: interrupted.signal,
    isTerminal: process.stdout.isTTY,
    magick: () => resolveMagick({ env: process.env, stateDirectory: directory }),
    write: (text) => {
      process.stdout.write(text);
    },
  };
  try {
    await createProgram(context, outputClosed.signal).parseAsync();
  } catch (error) {
    if (interrupted.signal.aborted) {
      process.stderr.write("Interrupted: what this command had started is stopped.\n");
      process.exitCode = INTERRUPTED;
      return;
    }
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}

/** What was thrown on purpose is for the user; of anything else the stack is wanted. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isOnPurpose = error instanceof StackError || error.constructor === Error;
  return isOnPurpose ? error.message : (error.stack ?? error.message);
}

void main();
