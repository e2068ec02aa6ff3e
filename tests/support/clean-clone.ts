import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../../deploy/local/project-directory";

/**
 * Copies the project as git would: what is tracked or could be, and nothing that was installed, built or stored. The
 * copy is a repository of its own whose branch is main.
 */
export function cleanClone(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const copy =
    'git ls-files --cached --others --exclude-standard -z | tar --null --files-from=- --create | tar -x -C "$1"';
  execFileSync("bash", ["-euo", "pipefail", "-c", copy, "copy", directory], { cwd: projectDirectory() });
  const git = (...args: string[]) => execFileSync("git", args, { cwd: directory });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  const author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  git(...author, "commit", "--quiet", "--message=copy");
}

/** The environment of somebody who has not installed the project: its own tools are not in PATH. */
export function environmentOfStranger(variables: Record<string, string>): NodeJS.ProcessEnv {
  const own = join(projectDirectory(), "node_modules", ".bin");
  const path = (process.env["PATH"] ?? "").split(":").filter((entry) => entry !== own);
  // make, npm and vitest tell their children what they are in; a stranger's shell knows nothing of it. How the machine
  // reaches the registry (npm_config_..., NODE_EXTRA_CA_CERTS) stays.
  const foreign = /^(MAKE|MFLAGS|MCSV_|VITEST|TEST$|DEV$|PROD$|NODE_ENV$|NODE_OPTIONS$|npm_(?!config_))/;
  const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(inherited), PATH: path.join(":"), ...variables };
}
