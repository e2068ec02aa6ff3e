import { openRunDirectory } from "../local/processes/run-directory";
import { lockHolder } from "../local/processes/supervisor-lock";
import { StackError } from "../local/stack/stack-error";
import { stackLayout } from "../local/stack/stack-layout";
import { portsAtOffset } from "../local/stack/stack-ports";
import { readStackState, writeStackState } from "../local/stack/stack-state";
import { type ComposeSettings, composeArguments, composeEnvironment, readSettings } from "./compose-settings";
import { describeStack } from "./describe-stack";
import { askEngine } from "./docker-engine";
import { capture, runInForeground } from "./run-docker";
import { createSecrets, hasSecrets, secretsDirectory } from "./secrets/create-secrets";
import { readUpMarker, removeUpMarker, writeUpMarker } from "./up-marker";

/** What the commands of the stack of containers have to work with. */
export interface DockerContext {
  /** Root of the checkout. */
  readonly root: string;
  /** `.local` of the checkout. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Short id of the commit that is checked out, for the images; `unknown` outside of a repository. */
  readonly revision: string;
  readonly write: (text: string) => void;
}

/** `docker compose` for this checkout. */
interface Compose {
  readonly settings: ComposeSettings;
  /** Runs a command of compose on the terminal. @throws StackError when it fails. */
  run(...args: string[]): Promise<void>;
  readonly env: NodeJS.ProcessEnv;
}

/** How long `up` waits for all containers to be healthy, in seconds. Images are there by then. */
const WAIT_SECONDS = 300;

/**
 * Builds the images, makes the secrets, starts the containers, and waits until all are healthy.
 *
 * @throws StackError when there is no engine, or something does not come up.
 */
export async function up(context: DockerContext): Promise<void> {
  const { directory, write } = context;
  const layout = stackLayout(directory);
  if (lockHolder(openRunDirectory(layout.run).lockFile) !== undefined) {
    throw new StackError("The stack runs without containers: STACK=local make down stops it.");
  }
  const began = Date.now();
  const compose = await openCompose(context);
  const { settings } = compose;
  const { isNew } = await createSecrets(directory);
  if (isNew) await refuseForeignVolumes(compose);
  writeUpMarker(directory, settings);
  writeStackState(layout.stateFile, { portOffset: settings.portOffset, ports: portsAtOffset(settings.portOffset) });
  await compose.run("up", "--detach", "--build", "--remove-orphans", "--wait", "--wait-timeout", String(WAIT_SECONDS));
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  write(`The stack is up in containers after ${seconds} s (profile ${settings.profile}).\n\n`);
  write(`${describeStack(settings, secretsDirectory(directory))}\n`);
  write("  make ps, make logs S=user, make down; npm run -s mcsv -- --help\n");
}

/** Stops and removes the containers; what they stored stays. */
export async function down(context: DockerContext): Promise<void> {
  if (readUpMarker(context.directory) === undefined) {
    context.write("The stack is not up.\n");
    return;
  }
  const compose = await openCompose(context);
  await compose.run("--profile", "full", "down", "--remove-orphans");
  removeUpMarker(context.directory);
}

/** Stops and removes the containers, what they stored, and the images that were built. */
export async function clean(context: DockerContext): Promise<void> {
  // A project of the same name may be another checkout's: what is ours has our passwords.
  if (!hasSecrets(context.directory)) return;
  const compose = await openCompose(context);
  // The volumes of either object store.
  for (const objectStore of ["seaweedfs", "minio"] as const) {
    const args = composeArguments({ ...compose.settings, profile: "full", objectStore }, context.root);
    await succeed([...args, "down", "--volumes", "--remove-orphans"], compose.env);
  }
  const images = await capture(["image", "ls", "--quiet", "--filter", "reference=mcsv/service*"], compose);
  const ids = [...new Set(images.output.split("\n").filter((id) => id !== ""))];
  if (ids.length > 0) await capture(["image", "rm", "--force", ...ids], compose);
  removeUpMarker(context.directory);
}

/** Lists the containers. */
export async function ps(context: DockerContext): Promise<void> {
  await (await openCompose(context)).run("ps", "--all");
}

/** Prints the logs of all or one, and follows them. */
export async function logs(name: string | undefined, follow: boolean, context: DockerContext): Promise<void> {
  const compose = await openCompose(context);
  const chosen = name === undefined ? [] : [name];
  await compose.run("logs", "--tail", "20", ...(follow ? ["--follow"] : []), ...chosen);
}

/** Builds the image of one service anew, and starts it anew. */
export async function restart(name: string, context: DockerContext): Promise<void> {
  const compose = await openCompose(context);
  await compose.run("up", "--detach", "--build", "--no-deps", "--force-recreate", "--wait", name);
}

async function openCompose({ root, directory, env, revision }: DockerContext): Promise<Compose> {
  const engine = await askEngine(env);
  if (engine.kind === "none") {
    throw new StackError(
      `No Docker engine answers (${engine.reason}). STACK=local make up runs the stack without containers.`,
    );
  }
  const running = readUpMarker(directory);
  const settings = readSettings({
    env: { ...asVariables(running), ...env },
    project: root,
    portOffset: readStackState(stackLayout(directory).stateFile)?.portOffset,
  });
  const facts = { rootDirectory: engine.rootDirectory, revision, secrets: secretsDirectory(directory) };
  const composeEnv = composeEnvironment(settings, env, facts);
  return {
    settings,
    env: composeEnv,
    run: (...args) => succeed([...composeArguments(settings, root), ...args], composeEnv),
  };
}

/** What is up is what later commands are about, unless they say otherwise. */
function asVariables(running: ReturnType<typeof readUpMarker>): NodeJS.ProcessEnv {
  if (running === undefined) return {};
  return { PROFILE: running.profile, OBJECT_STORE: running.objectStore, COMPOSE_PROJECT_NAME: running.project };
}

async function succeed(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const code = await runInForeground(args, { env });
  if (code !== 0)
    throw new StackError(`docker ${args.at(0)} … ${args.slice(-3).join(" ")} ended with exit code ${code}`);
}

/** Databases of another checkout have passwords that this one does not know. */
async function refuseForeignVolumes({ settings: { project }, env }: Compose): Promise<void> {
  const volume = `${project}_postgres-data`;
  const { code } = await capture(["volume", "inspect", volume], { env });
  if (code !== 0) return;
  throw new StackError(
    `The volume ${volume} belongs to another checkout, whose passwords are not here. ` +
      `Run this one beside it (COMPOSE_PROJECT_NAME=mcsv-two MCSV_PORT_OFFSET=100 make up), or remove that one's data: ` +
      `docker compose --project-name ${project} down --volumes`,
  );
}
