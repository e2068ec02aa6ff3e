import { CommanderError } from "commander";
import { explain, UsageError } from "./errors";
import { createOutput, type OutputStreams } from "./output";
import { createProgram } from "./program";
import { SomeFailed } from "./session";

/** Exit codes of the CLI. */
const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/**
 * Runs one command line.
 *
 * @param argv - as `process.argv`: interpreter and script come first.
 * @param projectDirectory - checkout whose stack is meant, where the environment names none
 * @returns 0 when all was done, 1 when something failed, 2 when the command line or the environment is wrong.
 */
export async function run(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  streams: OutputStreams,
  projectDirectory: string,
): Promise<number> {
  try {
    await createProgram(env, streams, projectDirectory).parseAsync(argv);
    return EXIT.done;
  } catch (error) {
    return exitCode(error, createOutput(streams, false).note);
  }
}

function exitCode(error: unknown, note: (text: string) => void): number {
  if (error instanceof SomeFailed) return EXIT.failed;
  // Commander has printed its own message by now; only help and version end well.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  note(`error: ${explain(error)}`);
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}
