import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { clean, type DockerContext, up } from "../../deploy/docker/commands";
import { composeArguments, readSettings } from "../../deploy/docker/compose-settings";
import { projectDirectory } from "../../deploy/local/project-directory";

declare module "vitest" {
  interface ProvidedContext {
    /** `docker` and its arguments before a command of compose. */
    compose: readonly string[];
    /** Published ports by variable of deploy/.env. */
    ports: Readonly<Record<string, number>>;
    /** `.local` of the stack under test: its keys and secrets. */
    directory: string;
  }
}

/**
 * Brings the whole stack up in containers of its own, beside any that runs, and removes it at the end.
 * COMPOSE_TEST_KEEP=1 leaves it up, and finds it the next time.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const isKept = process.env["COMPOSE_TEST_KEEP"] === "1";
  const directory = isKept ? join(tmpdir(), "mcsv-compose-test") : mkdtempSync(join(tmpdir(), "mcsv-compose-test-"));
  const env = {
    COMPOSE_PROJECT_NAME: "mcsv-test",
    MCSV_PORT_OFFSET: "23000",
    ...process.env,
  };
  const root = projectDirectory();
  const context: DockerContext = {
    root,
    directory,
    env,
    revision: "test",
    write: (text) => process.stdout.write(text),
  };
  const settings = readSettings({ env, project: root, portOffset: undefined });
  try {
    await up(context);
  } catch (error) {
    // What does not come up is looked at before it goes.
    spawnSync("docker", [...composeArguments(settings, root), "ps", "--all"], { stdio: "inherit" });
    spawnSync("docker", [...composeArguments(settings, root), "logs", "--tail", "20"], { stdio: "inherit" });
    if (!isKept) await clean(context);
    throw error;
  }
  project.provide("compose", composeArguments(settings, root));
  project.provide("ports", settings.ports);
  project.provide("directory", directory);
  return async () => {
    if (isKept) return;
    await clean(context);
    rmSync(directory, { recursive: true, force: true });
  };
}
