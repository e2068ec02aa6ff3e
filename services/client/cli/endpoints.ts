import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "./errors";

/** Base URLs of everything that the CLI talks to. */
export interface Endpoints {
  readonly user: string;
  readonly job: string;
  readonly email: string;
  readonly image: string;
  readonly client: string;
  /** Swagger UI. */
  readonly docs: string;
  readonly redoc: string;
  /** Mail inbox: Mailpit's REST API. */
  readonly inbox: string;
  /** Jaeger's query API. */
  readonly jaeger: string;
}

/** Where each endpoint is set: its variable, and its port in the local stack before the offset is added. */
export const ENDPOINT_VARIABLES = {
  user: { env: "USER_SERVICE_URL", port: 8081 },
  job: { env: "JOB_SERVICE_URL", port: 8082 },
  email: { env: "EMAIL_SERVICE_URL", port: 8083 },
  image: { env: "IMAGE_SERVICE_URL", port: 8084 },
  client: { env: "CLIENT_SERVICE_URL", port: 4000 },
  docs: { env: "DOCS_URL", port: 8087 },
  redoc: { env: "REDOC_URL", port: 8086 },
  inbox: { env: "INBOX_URL", port: 8025 },
  jaeger: { env: "JAEGER_URL", port: 16686 },
} as const satisfies Record<keyof Endpoints, { env: string; port: number }>;

const stackState = z.object({ portOffset: z.number().int() });

/**
 * Finds the endpoints: a service's own variable first, else the local stack's port moved by MCSV_PORT_OFFSET or by the
 * offset that the stack of this checkout was started with.
 *
 * @throws UsageError when a variable is not what it must be.
 */
export function resolveEndpoints(env: NodeJS.ProcessEnv, projectDirectory: string): Endpoints {
  const offset = portOffset(env, projectDirectory);
  const resolve = (name: keyof Endpoints): string => {
    const { env: variable, port } = ENDPOINT_VARIABLES[name];
    const value = env[variable];
    if (value === undefined || value === "") return `http://127.0.0.1:${port + offset}`;
    if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
      throw new UsageError(`${variable} is "${value}": must be an http or https URL`);
    }
    return value.replace(/\/+$/, "");
  };
  return {
    user: resolve("user"),
    job: resolve("job"),
    email: resolve("email"),
    image: resolve("image"),
    client: resolve("client"),
    docs: resolve("docs"),
    redoc: resolve("redoc"),
    inbox: resolve("inbox"),
    jaeger: resolve("jaeger"),
  };
}

/** How far the ports of the stack are moved. @throws UsageError when MCSV_PORT_OFFSET is no offset. */
export function portOffset(env: NodeJS.ProcessEnv, projectDirectory: string): number {
  const value = env["MCSV_PORT_OFFSET"];
  if (value !== undefined && value !== "") {
    const offset = Number(value);
    if (!Number.isInteger(offset) || offset < 0 || offset > 40_000) {
      throw new UsageError(`MCSV_PORT_OFFSET is "${value}": must be an integer from 0 to 40000`);
    }
    return offset;
  }
  return offsetOfRunningStack(projectDirectory);
}

function offsetOfRunningStack(projectDirectory: string): number {
  try {
    const state = readFileSync(join(projectDirectory, ".local", "stack.json"), "utf8");
    return stackState.parse(JSON.parse(state)).portOffset;
  } catch {
    // No stack was started in this checkout, or its state is half-written: the standard ports are the best guess.
    return 0;
  }
}
