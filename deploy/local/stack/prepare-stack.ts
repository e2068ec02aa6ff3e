import { mkdirSync } from "node:fs";
import { type AuthFiles, createAuthFiles } from "../auth/create-auth-files";
import { type Cluster, createCluster } from "../postgres/create-cluster";
import { findPostgresBinaries } from "../postgres/postgres-binaries";
import { choosePostgresLauncher } from "../postgres/postgres-launcher";
import { clearPostmaster } from "../postgres/postmaster-file";
import type { ProcessSpec } from "../processes/process-spec";
import type { RunDirectory } from "../processes/run-directory";
import { stopProcesses } from "../processes/stop-processes";
import { findAlertmanager } from "./alertmanager";
import { checkPorts } from "./check-ports";
import type { ComponentName } from "./components";
import { type Credentials, readOrCreateCredentials } from "./credentials";
import { findPrometheus } from "./prometheus";
import type { StackLayout } from "./stack-layout";
import type { StackPorts } from "./stack-ports";
import { type SpecSettings, stackSpecs } from "./stack-specs";

/** What is asked of a stack. */
export interface StackSettings {
  readonly layout: StackLayout;
  readonly run: RunDirectory;
  readonly ports: StackPorts;
  readonly components: readonly ComponentName[];
  readonly magick: string;
  /** false only for tests: spares the disk, and loses commits when the machine dies. */
  readonly durable: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly overrides: SpecSettings["overrides"];
}

/** What is needed to start a stack, and to talk to its Postgres. */
export interface PreparedStack {
  readonly specs: readonly ProcessSpec[];
  readonly credentials: Credentials;
  readonly auth: AuthFiles;
  readonly superuserUrl: string;
}

/** Makes what the processes need on disk (first use), and says how they are started. */
export async function prepareStack(settings: StackSettings): Promise<PreparedStack> {
  const { layout, ports } = settings;
  mkdirSync(layout.directory, { recursive: true });
  const credentials = readOrCreateCredentials(layout.credentialsFile);
  const auth = await createAuthFiles(layout.auth);
  const binaries = findPostgresBinaries();
  const launcher = choosePostgresLauncher(binaries.postgres);
  const cluster = await createCluster(layout.postgres, binaries, launcher);
  const programs = { prometheus: findPrometheus(settings.env), alertmanager: findAlertmanager(settings.env) };
  const postgres = { cluster, binaries, launcher, durable: settings.durable };
  const specs = stackSpecs({ ...settings, credentials, auth, postgres, programs });
  return { specs, credentials, auth, superuserUrl: superuserUrl(cluster, ports) };
}

/** Stops what a supervisor that was killed left behind, then sees that the ports are free. */
export async function clearTheWay(settings: StackSettings, log: (line: string) => void): Promise<void> {
  await stopProcesses(settings.run.allRunning(), ({ name, pid }) =>
    log(`stopped ${name} of an earlier run (pid ${pid})`),
  );
  settings.run.removeAllRecords();
  await clearPostmaster(`${settings.layout.postgres}/cluster/data`);
  await checkPorts(settings.components, settings.ports);
}

function superuserUrl({ superuser }: Cluster, ports: StackPorts): string {
  return `postgres://${superuser.name}:${superuser.password}@127.0.0.1:${ports.postgres}/postgres`;
}
