import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Command } from "commander";
import { projectDirectory } from "../local/project-directory";
import { StackError } from "../local/stack/stack-error";
import { clean, type DockerContext, down, logs, ps, restart, up } from "./commands";

function createProgram(context: DockerContext): Command {
  const program = new Command("docker").description("The whole stack in containers.");
  program
    .command("up")
    .description("build, start, and wait until all is healthy")
    .action(() => up(context));
  program
    .command("down")
    .description("stop everything; what was stored stays")
    .action(() => down(context));
  program
    .command("clean")
    .description("stop everything and remove what was stored and built")
    .action(() => clean(context));
  program
    .command("ps")
    .description("list the containers")
    .action(() => ps(context));
  program
    .command("logs")
    .description("print the logs and follow them")
    .argument("[name]", "a service of deploy/compose.yaml")
    .option("--no-follow", "only print what there is")
    .action((name: string | undefined, options: { follow: boolean }) => logs(name, options.follow, context));
  program
    .command("restart")
    .description("build and start one service anew")
    .argument("<name>", "a service of deploy/compose.yaml")
    .action((name: string) => restart(name, context));
  return program;
}

/** Short id of the commit that is checked out. */
function revisionOf(root: string): string {
  try {
    const args = ["rev-parse", "--short=12", "HEAD"];
    return execFileSync("git", args, { cwd: root, stdio: ["ignore", "pipe", "ignore"], encoding: "utf8" }).trim();
  } catch {
    // A copy without its history, or no git.
    return "unknown";
  }
}

async function main(): Promise<void> {
  const root = projectDirectory();
  const context: DockerContext = {
    root,
    directory: join(root, ".local"),
    env: process.env,
    revision: revisionOf(root),
    write: (text) => {
      process.stdout.write(text);
    },
  };
  // Ctrl-C goes to docker as well, which ends in good order; this process waits for it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
  try {
    await createProgram(context).parseAsync();
  } catch (error) {
    process.stderr.write(`${error instanceof StackError ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

void main();
