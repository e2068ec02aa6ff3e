import { capture } from "./run-docker";

/** What the question for a Docker engine comes to. */
export type EngineAnswer =
  | { readonly kind: "engine"; readonly version: string; readonly rootDirectory: string }
  | { readonly kind: "none"; readonly reason: string };

/** An engine that is there answers at once; one that hangs is none. */
const PATIENCE_MS = 5_000;

/** Compose that knows `start_interval`, `develop.watch` and the tags `!reset` and `!override` of compose files. */
const COMPOSE_MIN = [2, 24] as const;

/** Asks for a Docker engine and for Compose, as DOCKER_HOST and the current context of `docker` have them. */
export async function askEngine(env: NodeJS.ProcessEnv): Promise<EngineAnswer> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const info = await capture(["info", "--format", "{{.ServerVersion}}\t{{.DockerRootDir}}"], { env, signal });
  const [version = "", rootDirectory = ""] = info.output.trim().split("\t");
  if (info.code !== 0 || version === "") return { kind: "none", reason: info.problem };
  const compose = await capture(["compose", "version", "--short"], { env, signal });
  if (compose.code !== 0) return { kind: "none", reason: `docker compose is not installed: ${compose.problem}` };
  const found = compose.output.trim();
  if (!isRecentCompose(found)) {
    return { kind: "none", reason: `docker compose ${found} is too old: ${COMPOSE_MIN.join(".")} is needed` };
  }
  return { kind: "engine", version, rootDirectory };
}

function isRecentCompose(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(/[.+-]/).map(Number);
  return major > COMPOSE_MIN[0] || (major === COMPOSE_MIN[0] && minor >= COMPOSE_MIN[1]);
}
