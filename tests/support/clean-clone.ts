import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
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

/**
 * Gives a copy the packages that are installed here, so that make in it finds nothing to install: by hard links, which cost no second on one
 * file system. On another nothing is given, and make installs. What an install from nothing does is tested by every run of `.ci/run`.
 */
export function shareInstalled(directory: string): void {
  const link = `
    for modules in node_modules deploy/local/node/node_modules; do
      if [ -d "$modules" ]; then cp -al "$modules" "$1/$modules"; fi
    done
    touch "$1/node_modules/.mcsv-installed"`;
  try {
    execFileSync("bash", ["-euo", "pipefail", "-c", link, "link", directory], {
      cwd: projectDirectory(),
      stdio: "ignore",
    });
  } catch {
    for (const modules of ["node_modules", "deploy/local/node/node_modules"]) {
      rmSync(join(directory, modules), { recursive: true, force: true });
    }
  }
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
