import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../local/stack/stack-error";
import { isBlockedByFetch, portOffsetFrom } from "../local/stack/stack-ports";

/** What is run: `core` is the services and what they need, `full` has the observability as well. */
export const PROFILES = ["core", "full"] as const;

/** The S3 stores that the stack can run. */
export const OBJECT_STORES = ["seaweedfs", "minio"] as const;

/** How `docker compose` is called for the stack of a checkout. */
export interface ComposeSettings {
  /** Name of the project, and so of its containers, networks and volumes. */
  readonly project: string;
  readonly profile: (typeof PROFILES)[number];
  readonly objectStore: (typeof OBJECT_STORES)[number];
  readonly portOffset: number;
  /** Published ports by variable of deploy/.env, such as `USER_PORT`. */
  readonly ports: Readonly<Record<string, number>>;
}

/** What decides about the settings. */
export interface SettingsSources {
  readonly env: NodeJS.ProcessEnv;
  /** Root of the checkout. */
  readonly project: string;
  /** Offset of the last `up`. */
  readonly portOffset: number | undefined;
}

/**
 * Reads the settings from the environment: PROFILE, OBJECT_STORE, MCSV_PORT_OFFSET, COMPOSE_PROJECT_NAME.
 *
 * @throws StackError when one is wrong.
 */
export function readSettings({ env, project, portOffset: before }: SettingsSources): ComposeSettings {
  const portOffset = portOffsetFrom(env) ?? before ?? 0;
  const name = env["COMPOSE_PROJECT_NAME"];
  return {
    project: name !== undefined && name !== "" ? name : `mcsv${portOffset === 0 ? "" : `-${portOffset}`}`,
    profile: oneOf(env, "PROFILE", PROFILES, "full"),
    objectStore: oneOf(env, "OBJECT_STORE", OBJECT_STORES, "seaweedfs"),
    portOffset,
    ports: movedPorts(readFileSync(join(project, "deploy", ".env"), "utf8"), portOffset),
  };
}

/** The arguments of `docker` that come before a command of compose. */
export function composeArguments({ project, profile, objectStore }: ComposeSettings, root: string): string[] {
  const file = (name: string) => ["--file", join(root, "deploy", name)];
  return [
    "compose",
    ...["--project-name", project, "--profile", profile],
    ...file("compose.yaml"),
    ...(objectStore === "minio" ? file("compose.minio.yaml") : []),
  ];
}

/** The environment of `docker compose`: the caller's, and over it what this checkout decides. */
export function composeEnvironment(
  { ports, profile }: ComposeSettings,
  env: NodeJS.ProcessEnv,
  facts: { readonly rootDirectory: string; readonly revision: string; readonly secrets: string },
): NodeJS.ProcessEnv {
  return {
    ...env,
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
    DOCKER_ROOT: facts.rootDirectory,
    MCSV_REVISION: facts.revision,
    SECRETS_DIR: facts.secrets,
    ...spansTo(profile, env),
  };
}

/** Where spans go as long as nobody says otherwise: to the stack's Jaeger, at the port of the protocol; nowhere without it. */
function spansTo(profile: ComposeSettings["profile"], env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] || env["OTEL_EXPORTER_OTLP_ENDPOINT"]) return {};
  if (profile === "core") return { OTEL_TRACES_EXPORTER: "none" };
  const protocol = env["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] || env["OTEL_EXPORTER_OTLP_PROTOCOL"];
  return protocol === "http/protobuf" ? { OTEL_EXPORTER_OTLP_ENDPOINT: "http://jaeger:4318" } : {};
}

function oneOf<T extends string>(env: NodeJS.ProcessEnv, name: string, values: readonly T[], otherwise: T): T {
  const text = env[name] ?? "";
  if (text === "") return otherwise;
  const found = values.find((value) => value === text);
  if (found === undefined) throw new StackError(`${name} is "${text}": must be one of ${values.join(", ")}`);
  return found;
}

/** The ports that deploy/.env names, moved. */
function movedPorts(dotEnv: string, offset: number): Record<string, number> {
  const ports: Record<string, number> = {};
  for (const [, name = "", port = ""] of dotEnv.matchAll(/^(\w+_PORT)=(\d+)$/gm)) {
    const moved = Number(port) + offset;
    if (isBlockedByFetch(moved)) {
      throw new StackError(
        `MCSV_PORT_OFFSET is ${offset}: it moves ${name} to port ${moved}, which browsers and fetch() refuse; take another`,
      );
    }
    ports[name] = moved;
  }
  return ports;
}
