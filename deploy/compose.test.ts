import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ENDPOINT_VARIABLES } from "../services/client/cli/endpoints";
import { loadConfig, readVariables } from "../services/platform/config/define-config";
import { standardVariables } from "../services/platform/config/standard-variables";
import { createSecrets, secretsDirectory } from "./docker/secrets/create-secrets";
import { keyFiles } from "./docker/secrets/secret-texts";
import { type ComposeFile, readCompose, readVariablesFile } from "./docker/testing/read-compose";
import { SERVICE_PROCESSES, SERVICES } from "./local/stack/components";
import { passedOn, SERVICE_CONFIGS } from "./local/stack/passed-on";
import { SERVICE_MALLOC, SERVICE_NODE_FLAGS } from "./local/stack/service-runtime";

const ROOT = join(__dirname, "..");
const MIB_OF_3_GB = 3 * 1024;

/** Containers that are root, and why: each has no capability but those given here. */
const ROOT_CONTAINERS: Readonly<Record<string, readonly string[]>> = { promtail: ["DAC_READ_SEARCH"] };

/** Images that run as a user of their own without being told. */
const NON_ROOT_IMAGES = [
  "mcsv/service",
  "jaegertracing/jaeger",
  "grafana/tempo",
  "grafana/loki",
  "grafana/grafana",
  "prom/prometheus",
  "prom/alertmanager",
];

const dotEnv = readVariablesFile(ROOT, ".env");
const compose = readCompose(join(ROOT, "deploy/compose.yaml"), dotEnv);
const containers = Object.entries(compose.services).map(([name, service]) => ({ name, service }));

describe("deploy/compose.yaml", () => {
  describe.each(containers)("$name", ({ name, service }) => {
    it("can do no more than it must", () => {
      expect(service).toMatchObject({ read_only: true, init: true, cap_drop: ["ALL"] });
      expect(service.security_opt).toEqual(["no-new-privileges:true"]);
      expect(service.cap_add).toEqual(ROOT_CONTAINERS[name] ?? []);
      expect(service).not.toHaveProperty("privileged");
      expect(JSON.stringify(service.volumes)).not.toContain("docker.sock");
      const isNonRoot = NON_ROOT_IMAGES.some((image) => service.image.startsWith(image));
      if (!isNonRoot && !(name in ROOT_CONTAINERS)) expect(service.user).toMatch(/^(postgres|[1-9]\d*:\d+)$/);
    });

    it("has limits, a health check that is quick while it starts, and logs that do not fill the disk", () => {
      const { cpus, memory, pids } = service.deploy.resources.limits;
      expect([Number(cpus) > 0, /^\d+m$/.test(memory), pids > 0]).toEqual([true, true, true]);
      expect(service.healthcheck).toMatchObject({ start_interval: "1s" });
      expect(service.logging).toMatchObject({ driver: "json-file", options: { "max-size": "10m", "max-file": "3" } });
      expect(service.restart).toBe("unless-stopped");
    });

    it("publishes ports on 127.0.0.1 only", () => {
      for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    });

    it("waits for what it needs until that is healthy, in every profile that it is in", () => {
      for (const [needed, { condition }] of Object.entries(service.depends_on)) {
        expect(condition).toBe("service_healthy");
        expect(compose.services[needed]?.profiles).toEqual(expect.arrayContaining(service.profiles));
      }
    });

    it("mounts files that are there", () => {
      for (const [source = ""] of service.volumes.map((volume) => volume.split(":"))) {
        if (source.startsWith(".")) expect(existsSync(join(ROOT, "deploy", source)), source).toBe(true);
        else if (!source.startsWith("/")) expect(compose.volumes).toHaveProperty([source]);
      }
    });
  });

  it("needs at most 3 GB of memory, and says so for each container", () => {
    const sum = containers.reduce((total, { service }) => total + memoryOf(service), 0);
    expect(sum).toBeLessThanOrEqual(MIB_OF_3_GB);
  });

  it("takes every image from .env, where each has a version", () => {
    const text = readFileSync(join(ROOT, "deploy/compose.yaml"), "utf8");
    for (const [, image = ""] of text.matchAll(/^ +image: (.*)$/gm)) {
      expect(image).toMatch(/^\$\{\w+_IMAGE\}$|^mcsv\/service(-magick)?:\$\{MCSV_VERSION\}$/);
    }
    const images = Object.entries(dotEnv).filter(([name]) => name.endsWith("_IMAGE"));
    for (const [name, image] of images) expect(image, name).toMatch(/:(v?\d+\.\d+|RELEASE\.\d{4}-)[^@]*$/);
  });

  it("has the ports that the CLI and the local stack have", () => {
    for (const [name, { port }] of Object.entries(ENDPOINT_VARIABLES)) {
      expect(dotEnv[`${name.toUpperCase()}_PORT`], name).toBe(String(port));
    }
  });

  it("gives each container the secrets that it names, and no service another one's keys", () => {
    for (const { name, service } of containers) {
      const named = new Set(JSON.stringify(service).match(/(?<=\/run\/secrets\/)\w+/g));
      // The start scripts of these read theirs.
      if (!["postgres", "objectstore", "alertmanager"].includes(name))
        expect([...named].sort(), name).toEqual([...service.secrets].sort());
      for (const secret of service.secrets) expect(compose.secrets).toHaveProperty(secret);
    }
    for (const service of SERVICES) {
      const foreign = SERVICES.filter((other) => other !== service);
      const secrets = compose.services[service]?.secrets ?? [];
      expect(secrets.filter((secret) => foreign.some((other) => secret.startsWith(`${other}_`)))).toEqual([]);
    }
  });

  it("lets only those reach the data that have credentials for it", () => {
    const members = (network: string) =>
      containers.filter(({ service }) => service.networks.includes(network)).map(({ name }) => name);
    expect(members("databases").sort()).toEqual(["dashboard", "email", "job", "postgres", "user"]);
    expect(members("storage").sort()).toEqual(["image", "loki", "objectstore", "tempo", "user"]);
    expect(members("default")).not.toContain("postgres");
    expect(members("default")).not.toContain("objectstore");
  });

  it("scrapes every service where it listens", () => {
    const prometheus = readFileSync(join(ROOT, "observability/prometheus/prometheus.yml"), "utf8");
    for (const service of SERVICE_PROCESSES) {
      const port = compose.services[service]?.ports[0]?.split(":").at(-1);
      expect(prometheus).toContain(`"${service}:${port}"`);
    }
  });
});

describe("deploy/compose.minio.yaml", () => {
  it("replaces the object store, with limits and hardening as they were", () => {
    const tag = (name: string) => ({ tag: name, resolve: (value: unknown) => value, identify: () => false });
    const text = readFileSync(join(ROOT, "deploy/compose.minio.yaml"), "utf8");
    const minio = parse(text, {
      customTags: [tag("!reset"), tag("!override")].map(({ tag }) => ({ tag, collection: "seq" })),
    });
    expect(Object.keys(minio.services)).toEqual(["objectstore"]);
    const inherited = ["deploy", "cap_drop", "read_only", "security_opt", "ports", "tmpfs", "logging"];
    for (const key of inherited) expect(minio.services.objectstore).not.toHaveProperty(key);
  });
});

describe("deploy/Dockerfile", () => {
  const dockerfile = readFileSync(join(ROOT, "deploy/Dockerfile"), "utf8");

  it("starts Node.js as the local stack does", () => {
    const entrypoint: unknown = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? "[]");
    expect(entrypoint).toEqual([
      "node",
      ...SERVICE_NODE_FLAGS,
      "--require",
      "./dist/services/platform/telemetry/register.js",
    ]);
    for (const [name, value] of Object.entries(SERVICE_MALLOC)) expect(dockerfile).toContain(` ${name}=${value}`);
  });

  it("ends as an unprivileged user, with production dependencies only", () => {
    expect(dockerfile.match(/^USER .*$/gm)).toEqual(["USER node"]);
    expect(dockerfile).toContain("npm ci --omit=dev");
    expect(dockerfile).not.toContain("syntax=");
  });
});

describe("a container's environment", () => {
  let directory: string;
  let secrets: ComposeFile["secrets"];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mcsv-compose-"));
    await createSecrets(directory);
    ({ secrets } = readCompose(join(ROOT, "deploy/compose.yaml"), {
      ...dotEnv,
      SECRETS_DIR: secretsDirectory(directory),
    }));
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(SERVICE_PROCESSES)("is a complete configuration of %s", (service) => {
    const environment = Object.entries(compose.services[service]?.environment ?? {}).map(([name, value]) => {
      const secret = /^\/run\/secrets\/(\w+)$/.exec(value)?.[1];
      return [name, secret === undefined ? value : secrets[secret]?.file];
    });
    const config = loadConfig(SERVICE_CONFIGS[service], { ...Object.fromEntries(environment), HOST: "0.0.0.0" });
    const published = compose.services[service]?.ports[0]?.split(":").at(-1);
    expect(config).toMatchObject({ port: Number(published) });
  });

  it.each(SERVICE_PROCESSES)("has what the caller sets for telemetry, of %s too", (service) => {
    const { serviceName: _, ...variables } = standardVariables;
    const names = ["LOG_LEVEL", "LOG_SAMPLE_RATIO", ...Object.values(variables).map(({ env }) => env)];
    const set = Object.fromEntries(names.map((name) => [name, `value of ${name}`]));
    const moved = readCompose(join(ROOT, "deploy/compose.yaml"), { ...dotEnv, ...set });
    expect(moved.services[service]?.environment).toMatchObject(set);
    expect(moved.services[service]?.environment).toMatchObject({ OTEL_SERVICE_NAME: service });
  });

  it.each(SERVICE_PROCESSES)("keeps a tenth in production, of %s too, in either stack", (service) => {
    const production = readVariablesFile(ROOT, "production.env");
    const expected = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.1" };
    expect(production).toMatchObject({ ...expected, LOG_SAMPLE_RATIO: "0.1" });
    expect(readVariables(standardVariables, production).problems).toEqual([]);
    const inContainers = readCompose(join(ROOT, "deploy/compose.yaml"), { ...dotEnv, ...production });
    expect(inContainers.services[service]?.environment).toMatchObject(production);
    expect(passedOn(service, production)).toEqual(production);
  });

  it("finds every secret made, and none is made for nothing", () => {
    const named = Object.values(secrets).map(({ file }) => file);
    for (const file of named) expect(existsSync(file), file).toBe(true);
    const minio = readFileSync(join(ROOT, "deploy/compose.minio.yaml"), "utf8");
    for (const name of keyFiles().keys()) expect(named).toContain(join(secretsDirectory(directory), name));
    expect(minio).toContain("/minio-object-store");
  });
});

function memoryOf(service: ComposeFile["services"][string]): number {
  return Number(service.deploy.resources.limits.memory.replace(/m$/, ""));
}
