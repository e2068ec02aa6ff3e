import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "../postgres/create-cluster";
import type { PostgresBinaries } from "../postgres/postgres-binaries";
import { postgresCommand } from "../postgres/postgres-command";
import type { PostgresLauncher } from "../postgres/postgres-launcher";
import { codeStamp } from "../processes/code-stamp";
import type { ProcessSpec } from "../processes/process-spec";
import { projectDirectory } from "../project-directory";
import { COMPONENT, type ComponentName, isServiceProcess, type ServiceProcess } from "./components";
import { dashboardDatabaseUrl, dashboardProgram } from "./dashboard";
import { passedOn } from "./passed-on";
import { prometheusArguments } from "./prometheus";
import { type ServiceSettings, serviceEnvironment } from "./service-environment";
import { SERVICE_MALLOC, SERVICE_NODE_FLAGS } from "./service-runtime";
import type { StackLayout } from "./stack-layout";

/** All that the specs of a stack's processes are made of. */
export interface SpecSettings extends ServiceSettings {
  readonly layout: StackLayout;
  readonly components: readonly ComponentName[];
  readonly postgres: {
    readonly cluster: Cluster;
    readonly binaries: PostgresBinaries;
    readonly launcher: PostgresLauncher;
    readonly durable: boolean;
  };
  /** Path of the Prometheus program, where there is one. */
  readonly prometheus: string | undefined;
  /** The caller's environment: variables of the services that the stack leaves alone are taken from it. */
  readonly env: NodeJS.ProcessEnv;
  /** More variables by component; they win. */
  readonly overrides: Readonly<Partial<Record<ComponentName, Readonly<Record<string, string>>>>>;
}

/** Time for a graceful end: a little more than a service allows itself (SHUTDOWN_TIMEOUT_MS). */
const STOP_LIMIT_MS = 12_000;

/** Says how each process of a stack is started. */
export function stackSpecs(settings: SpecSettings): ProcessSpec[] {
  return settings.components.map((name) => {
    const spec = specOf(name, settings);
    return { ...spec, env: { ...spec.env, ...settings.overrides[name] } };
  });
}

function specOf(name: ComponentName, settings: SpecSettings): ProcessSpec {
  const { layout, ports, credentials } = settings;
  switch (name) {
    case "postgres":
      return postgresSpec(settings);
    case "s3":
      return nodeSpec(name, {
        S3_PORT: String(ports.s3),
        S3_DATA_DIR: directory(layout.s3),
        S3_ACCESS_KEY_ID: credentials.objectStore.accessKeyId,
        S3_SECRET_ACCESS_KEY: credentials.objectStore.secretAccessKey,
      });
    case "inbox":
      return nodeSpec(name, {
        INBOX_SMTP_PORT: String(ports.smtp),
        INBOX_HTTP_PORT: String(ports.inbox),
        INBOX_DATA_DIR: directory(layout.inbox),
      });
    case "collector":
      return nodeSpec(name, { OTLP_GRPC_PORT: String(ports.otlp), JAEGER_HTTP_PORT: String(ports.jaeger) });
    case "dashboard":
      return {
        ...common(name, ["node_modules/@pg-boss/dashboard/package.json"]),
        command: process.execPath,
        args: [...SERVICE_NODE_FLAGS, dashboardProgram()],
        env: {
          ...compileCache(),
          ...SERVICE_MALLOC,
          NODE_ENV: "production",
          HOST: "127.0.0.1",
          PORT: String(ports.dashboard),
          DATABASE_URL: dashboardDatabaseUrl(ports.postgres, credentials),
          PGBOSS_DASHBOARD_READ_ONLY: "1",
        },
      };
    case "prometheus":
      return {
        ...common(name, []),
        command: settings.prometheus ?? "prometheus",
        args: prometheusArguments(directory(layout.prometheus), ports),
        env: {},
      };
    default:
      if (isServiceProcess(name)) return serviceSpec(name, settings);
      return name satisfies never;
  }
}

function serviceSpec(name: ServiceProcess, settings: SpecSettings): ProcessSpec {
  const service = `dist/services/${name}`;
  const stamp = [
    service,
    "dist/services/platform",
    "dist/openapi",
    "dist/gen/twirp",
    "node_modules/.package-lock.json",
  ];
  return {
    ...common(name, stamp),
    command: process.execPath,
    args: [
      ...SERVICE_NODE_FLAGS,
      "--require",
      inProject("dist/services/platform/telemetry/register.js"),
      inProject(`${service}/main.js`),
    ],
    env: {
      ...compileCache(),
      ...SERVICE_MALLOC,
      ...serviceEnvironment(name, { ...settings, passed: passedOn(name, settings.env) }),
    },
  };
}

/** One of our own stand-ins for infrastructure. */
function nodeSpec(name: ComponentName, env: Record<string, string>): ProcessSpec {
  const program = `dist/deploy/local/${name}`;
  return {
    ...common(name, [program, "node_modules/.package-lock.json"]),
    command: process.execPath,
    args: ["--enable-source-maps", inProject(`${program}/main.js`)],
    env: { ...compileCache(), ...env },
  };
}

function postgresSpec({ ports, postgres }: SpecSettings): ProcessSpec {
  const { cluster, binaries, launcher, durable } = postgres;
  const settings = { port: ports.postgres, maxConnections: 200, durable };
  const { command, args, env, spawnAs } = postgresCommand(cluster, binaries, launcher, settings);
  // SIGINT is Postgres' fast shutdown; SIGTERM waits until every client has left.
  return { ...common("postgres", []), command, args: [...args], env, spawnAs, stopSignal: "SIGINT" };
}

function common(name: ComponentName, stamp: readonly string[]) {
  return {
    name,
    spawnAs: undefined,
    stopSignal: "SIGTERM" as const,
    stopLimitMs: STOP_LIMIT_MS,
    stopStage: COMPONENT[name].stopStage,
    codeStamp: stamp.length === 0 ? "" : codeStamp(stamp.map(inProject)),
  };
}

/** Node.js keeps compiled code there, which halves the start of a process. */
function compileCache(): Record<string, string> {
  return { NODE_COMPILE_CACHE: inProject(".local/cache/node") };
}

function inProject(path: string): string {
  return join(projectDirectory(), path);
}

function directory(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}
