import type { AuthFiles } from "../auth/create-auth-files";
import type { ServiceName, ServiceProcess } from "./components";
import { type Credentials, databaseUrl } from "./credentials";
import type { StackPorts } from "./stack-ports";

/** What the services' environments are made of. */
export interface ServiceSettings {
  readonly ports: StackPorts;
  readonly credentials: Credentials;
  readonly auth: Pick<AuthFiles, "env">;
  /** The magick command. */
  readonly magick: string;
  /** What whoever starts the stack sets for the service (passedOn). */
  readonly passed?: Readonly<Record<string, string>>;
}

const BUCKET = "mcsv";

/** A service's variables: what was passed on, and over it what wires the service into its stack. The rest has the service's own default. */
export function serviceEnvironment(service: ServiceProcess, settings: ServiceSettings): Record<string, string> {
  const { ports, passed = {} } = settings;
  return {
    ...telemetryDefaults(ports, passed),
    ...passed,
    HOST: "127.0.0.1",
    PORT: String(ports[service]),
    OTEL_SERVICE_NAME: service,
    ...(service === "docs" ? docsVariables(ports) : calledVariables(service, settings)),
  };
}

/** Where spans go as long as nobody says otherwise: to the stack's own collector, which takes either protocol. */
function telemetryDefaults(ports: StackPorts, passed: Readonly<Record<string, string>>): Record<string, string> {
  const protocol = passed["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] ?? passed["OTEL_EXPORTER_OTLP_PROTOCOL"];
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: url(protocol === "http/protobuf" ? ports.jaeger : ports.otlp),
    // Somebody is waiting for the trace: send spans after half a second instead of five.
    OTEL_BSP_SCHEDULE_DELAY: "500",
  };
}

/** What the five services have because they are called: by whom, and from which pages. */
function calledVariables(service: ServiceName, settings: ServiceSettings): Record<string, string> {
  const { ports, passed } = settings;
  const origins = [`http://127.0.0.1:${ports.docs}`, `http://localhost:${ports.docs}`, passed?.["CORS_ORIGINS"] ?? ""];
  return {
    CORS_ORIGINS: origins.filter((origin) => origin !== "").join(","),
    ...settings.auth.env(service),
    ...ownVariables(service, settings),
  };
}

function docsVariables(ports: StackPorts): Record<string, string> {
  return {
    REDOC_PORT: String(ports.redoc),
    USER_SERVICE_URL: url(ports.user),
    JOB_SERVICE_URL: url(ports.job),
    EMAIL_SERVICE_URL: url(ports.email),
    IMAGE_SERVICE_URL: url(ports.image),
    CLIENT_SERVICE_URL: url(ports.client),
  };
}

function ownVariables(service: ServiceName, { ports, credentials, magick }: ServiceSettings): Record<string, string> {
  switch (service) {
    case "client":
      return {};
    case "user":
      return {
        DATABASE_URL: databaseUrl("mcsv_user", ports.postgres, credentials),
        JOB_SERVICE_URL: url(ports.job),
        CLIENT_SERVICE_URL: url(ports.client),
        ...objectStore(ports, credentials),
      };
    case "job":
      return {
        DATABASE_URL: databaseUrl("mcsv_job", ports.postgres, credentials),
        USER_SERVICE_URL: url(ports.user),
        EMAIL_SERVICE_URL: url(ports.email),
        IMAGE_SERVICE_URL: url(ports.image),
      };
    case "email":
      return {
        DATABASE_URL: databaseUrl("mcsv_email", ports.postgres, credentials),
        SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
      };
    case "image":
      return { MAGICK_BIN: magick, ...objectStore(ports, credentials) };
    default:
      return service satisfies never;
  }
}

function objectStore(ports: StackPorts, { objectStore }: Credentials): Record<string, string> {
  return {
    OBJECT_STORE_ENDPOINT: url(ports.s3),
    OBJECT_STORE_PUBLIC_ENDPOINT: url(ports.s3),
    OBJECT_STORE_BUCKET: BUCKET,
    OBJECT_STORE_ACCESS_KEY_ID: objectStore.accessKeyId,
    OBJECT_STORE_SECRET_ACCESS_KEY: objectStore.secretAccessKey,
  };
}

function url(port: number): string {
  return `http://127.0.0.1:${port}`;
}
