import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../services/platform/config/define-config";
import { SERVICE_PROCESSES, SERVICES } from "./components";
import { inherited, passedOn, SERVICE_CONFIGS } from "./passed-on";
import { serviceEnvironment } from "./service-environment";
import { portsAtOffset } from "./stack-ports";

const settings = {
  ports: portsAtOffset(7),
  credentials: {
    databasePasswords: { mcsv_user: "u", mcsv_job: "j", mcsv_email: "e" },
    dashboardPassword: "d",
    objectStore: { accessKeyId: "id", secretAccessKey: "secret" },
  },
  auth: {
    env: (service: string) => ({
      AUTH_PUBLIC_KEYS_FILE: `/auth/${service}/public-keys.json`,
      AUTH_PRIVATE_KEYS_FILE: `/auth/${service}/private-keys.json`,
      AUTH_API_KEYS_FILE: "/auth/api-keys.json",
    }),
  },
  magick: "/usr/bin/magick",
};

describe("serviceEnvironment", () => {
  it.each(SERVICE_PROCESSES)("is a complete configuration of %s, at the moved ports", (service) => {
    const config = loadConfig(SERVICE_CONFIGS[service], serviceEnvironment(service, settings));
    expect(config).toMatchObject({ host: "127.0.0.1", port: settings.ports[service] });
  });

  it("gives each service the database of its own role", () => {
    expect(serviceEnvironment("job", settings)["DATABASE_URL"]).toBe("postgres://mcsv_job:j@127.0.0.1:5439/mcsv_job");
    expect(serviceEnvironment("image", settings)).not.toHaveProperty("DATABASE_URL");
  });

  it("grants the pages of Swagger UI, by both of its names, and those that are added, calls of the five services", () => {
    const origins = "http://127.0.0.1:8094,http://localhost:8094";
    for (const service of SERVICES) {
      expect(serviceEnvironment(service, settings)["CORS_ORIGINS"]).toBe(origins);
      const more = { ...settings, passed: { CORS_ORIGINS: "http://localhost:5173" } };
      expect(serviceEnvironment(service, more)["CORS_ORIGINS"]).toBe(`${origins},http://localhost:5173`);
    }
  });

  it("gives each service its own keys", () => {
    expect(serviceEnvironment("email", settings)["AUTH_PUBLIC_KEYS_FILE"]).toBe("/auth/email/public-keys.json");
  });
});

describe("a caller's environment", () => {
  const env = { PATH: "/bin", LOG_LEVEL: "debug", EMAIL_CONCURRENCY: "3", OTEL_TRACES_SAMPLER: "always_off" };

  it("is passed on to a service as far as the service reads it", () => {
    const { PATH: _, EMAIL_CONCURRENCY: _forJob, ...general } = env;
    expect(passedOn("user", env)).toEqual(general);
    expect(passedOn("job", env)).toEqual({ ...general, EMAIL_CONCURRENCY: "3" });
  });

  it("reaches every process with what no service reads", () => {
    expect(inherited(env)).toEqual({ PATH: "/bin" });
  });

  it("goes before what the stack would do with spans, which is to send all to its own collector", () => {
    const { ports } = settings;
    const set = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4317", OTEL_BSP_SCHEDULE_DELAY: "5000" };
    for (const service of SERVICE_PROCESSES) {
      const spanVariables = (given: NodeJS.ProcessEnv) =>
        serviceEnvironment(service, { ...settings, passed: passedOn(service, given) });
      expect(spanVariables(set)).toMatchObject(set);
      expect(spanVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: "" })).toMatchObject({
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.otlp}`,
        OTEL_BSP_SCHEDULE_DELAY: "500",
      });
      expect(spanVariables({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" })).toMatchObject({
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.jaeger}`,
      });
      expect(spanVariables({ ...set, OTEL_SERVICE_NAME: "mine" })).toMatchObject({ OTEL_SERVICE_NAME: service });
    }
  });
});
