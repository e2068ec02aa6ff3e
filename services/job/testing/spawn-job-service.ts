import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "vitest";
import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import type { JobServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/job.twirp";
import { createTransport } from "../../platform/twirp/client/create-transport";
import { jobClient } from "./job-client";

const DIST = join(__dirname, "../../../dist/services");

/** The service as a process, as it is run in earnest. */
export interface JobServiceProcess {
  readonly url: string;
  /** Calls as the user service or an application, whichever the method admits. */
  readonly client: JobServiceClientProtobuf;
  readonly pid: number;
  /** What the process wrote so far. */
  log(): string;
  /** Waits until it says that it is ready. */
  ready(): Promise<void>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** What the process needs beyond its defaults. */
export interface SpawnOptions {
  port: number;
  databaseUrl: string;
  /** Base URL of all services that it calls. */
  peersUrl: string;
  auth: AuthFiles;
  env?: Record<string, string>;
}

/** Starts dist/services/job/main.js; returns at once. */
export function spawnJobService({ port, databaseUrl, peersUrl, auth, env }: SpawnOptions): JobServiceProcess {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--enable-source-maps", "--require", join(DIST, "platform/telemetry/register.js"), join(DIST, "job/main.js")],
    {
      env: {
        PATH: process.env["PATH"],
        OTEL_SDK_DISABLED: "true",
        ...auth.env("job"),
        PORT: String(port),
        DATABASE_URL: databaseUrl,
        EMAIL_SERVICE_URL: peersUrl,
        IMAGE_SERVICE_URL: peersUrl,
        USER_SERVICE_URL: peersUrl,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let log = "";
  const collect = (chunk: Buffer) => {
    log += chunk;
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  const transport = createTransport({ baseUrl: url, target: "job" });
  return {
    url,
    client: jobClient(auth, transport, { idempotent: true }),
    pid: child.pid ?? 0,
    log: () => log,
    ready: async () => {
      const readiness = () => fetch(`${url}/readyz`).then(({ status }) => status, String);
      await expect.poll(readiness, { timeout: 15_000, message: "/readyz" }).toBe(200);
    },
    end: async (signal) => {
      child.kill(signal);
      const [code, by] = (await exited) as [number | null, NodeJS.Signals | null];
      transport.close();
      return { code, signal: by };
    },
  };
}
