import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import { UserServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/user.twirp";
import { credentialsOf } from "../../../tests/support/auth-files";
import { createTransport } from "../../platform/twirp/client/create-transport";
import type { Authorization } from "../../platform/twirp/client/transport-options";

const DIST = join(__dirname, "../../../dist/services");

/** The service as a process, as it is run in earnest. */
export interface UserServiceProcess {
  readonly url: string;
  /** Calls as an application. */
  readonly application: UserServiceClientProtobuf;
  /** Calls as the job service. */
  readonly jobService: UserServiceClientProtobuf;
  /** Calls as a user. */
  as(userId: string): UserServiceClientProtobuf;
  /** What the process wrote to its log so far. */
  log(): string;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** What the process needs beyond its defaults. */
export interface SpawnOptions {
  port: number;
  databaseUrl: string;
  objectStoreUrl: string;
  /** Base URL of both services that it calls. */
  peerUrl: string;
  auth: AuthFiles;
  key: { accessKeyId: string; secretAccessKey: string };
  /** Traces, though nobody collects the spans; off unless given. */
  tracing?: boolean;
}

/** Starts dist/services/user/main.js; returns at once. */
export function spawnUserService(options: SpawnOptions): UserServiceProcess {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--enable-source-maps", "--require", join(DIST, "platform/telemetry/register.js"), join(DIST, "user/main.js")],
    {
      env: {
        PATH: process.env["PATH"],
        ...(options.tracing === true
          ? { OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" }
          : { OTEL_SDK_DISABLED: "true" }),
        PORT: String(options.port),
        ...options.auth.env("user"),
        DATABASE_URL: options.databaseUrl,
        JOB_SERVICE_URL: options.peerUrl,
        CLIENT_SERVICE_URL: options.peerUrl,
        OBJECT_STORE_ENDPOINT: options.objectStoreUrl,
        OBJECT_STORE_ACCESS_KEY_ID: options.key.accessKeyId,
        OBJECT_STORE_SECRET_ACCESS_KEY: options.key.secretAccessKey,
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
  const url = `http://127.0.0.1:${options.port}`;
  const transport = createTransport({ baseUrl: url, target: "user" });
  const credentials = credentialsOf(options.auth);
  const client = (authorization: Authorization) => new UserServiceClientProtobuf(transport.with({ authorization }));
  return {
    url,
    application: client(credentials.application),
    jobService: client(credentials.service("job", "user")),
    as: (userId) => client(credentials.user(userId)),
    log: () => log,
    end: async (signal) => {
      child.kill(signal);
      const [code, by] = (await exited) as [number | null, NodeJS.Signals | null];
      transport.close();
      return { code, signal: by };
    },
  };
}
