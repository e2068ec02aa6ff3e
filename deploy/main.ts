import { spawn } from "node:child_process";
import { join } from "node:path";
import { chooseStack, type StackKind } from "./choose-stack";
import { askEngine } from "./docker/docker-engine";
import { readUpMarker } from "./docker/up-marker";
import { openRunDirectory } from "./local/processes/run-directory";
import { lockHolder } from "./local/processes/supervisor-lock";
import { projectDirectory } from "./local/project-directory";
import { StackError } from "./local/stack/stack-error";
import { stackLayout } from "./local/stack/stack-layout";

// What `make up`, `make down` and the like call: hands the command to the stack of this checkout, whichever it is.

/** The stack of this checkout that is up. */
function runningStack(directory: string): StackKind | undefined {
  if (readUpMarker(directory) !== undefined) return "docker";
  return lockHolder(openRunDirectory(stackLayout(directory).run).lockFile) === undefined ? undefined : "local";
}

async function main(): Promise<void> {
  const kind = await chooseStack({
    wanted: process.env["STACK"],
    running: runningStack(join(projectDirectory(), ".local")),
    askEngine: () => askEngine(process.env),
  });
  const program = join(projectDirectory(), "dist", "deploy", kind, "main.js");
  const child = spawn(process.execPath, [program, ...process.argv.slice(2)], { stdio: "inherit" });
  // The terminal sends Ctrl-C to both; whoever sends a signal to this process alone means the other one.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("close", (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 130);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof StackError ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
