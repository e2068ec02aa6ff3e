import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../tests/support/temporary-directory";
import { projectDirectory } from "../local/project-directory";
import { composeArguments, composeEnvironment, readSettings } from "./compose-settings";
import { describeStack } from "./describe-stack";
import { askEngine } from "./docker-engine";
import { createSecrets, hasSecrets, secretsDirectory } from "./secrets/create-secrets";
import { SECRETS_OF_PEOPLE } from "./secrets/secret-texts";
import { readUpMarker, removeUpMarker, writeUpMarker } from "./up-marker";

const root = projectDirectory();

/** Puts a `docker` on a PATH of its own that answers as this script does. */
function fakeDocker(script: string): NodeJS.ProcessEnv {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "docker"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, "docker"), 0o755);
  return { PATH: `${directory}:/usr/bin:/bin` };
}

describe("askEngine", () => {
  const info = 'if [ "$1" = info ]; then printf "28.5.2\\t/data/docker\\n"; exit; fi';

  it("gives the engine's version and where it keeps its files", async () => {
    const answer = await askEngine(fakeDocker(`${info}; echo 2.40.3-3`));
    expect(answer).toEqual({ kind: "engine", version: "28.5.2", rootDirectory: "/data/docker" });
  });

  it("says why there is none", async () => {
    const reasonOf = async (env: NodeJS.ProcessEnv) => {
      const answer = await askEngine(env);
      return answer.kind === "none" ? answer.reason : undefined;
    };
    expect(await reasonOf({ PATH: "/nowhere" })).toBe("docker is not installed");
    const asleep = fakeDocker('printf "\\t\\n"; echo "Cannot connect to the daemon" >&2; exit 1');
    expect(await reasonOf(asleep)).toBe("Cannot connect to the daemon");
    const bare = fakeDocker(`${info}; echo "unknown command" >&2; exit 1`);
    expect(await reasonOf(bare)).toBe("docker compose is not installed: unknown command");
    expect(await reasonOf(fakeDocker(`${info}; echo 2.17.2`))).toBe("docker compose 2.17.2 is too old: 2.24 is needed");
  });
});

describe("readSettings", () => {
  const read = (env: NodeJS.ProcessEnv, portOffset?: number) => readSettings({ env, project: root, portOffset });

  it("is the whole stack at the ports of deploy/.env", () => {
    expect(read({})).toMatchObject({ project: "mcsv", profile: "full", objectStore: "seaweedfs", portOffset: 0 });
    expect(read({}).ports).toMatchObject({ USER_PORT: 8081, GRAFANA_PORT: 3000 });
  });

  it("moves every port, and has containers of its own there", () => {
    const { project, ports } = read({ MCSV_PORT_OFFSET: "100" });
    expect([project, ports["USER_PORT"], ports["GRAFANA_PORT"]]).toEqual(["mcsv-100", 8181, 3100]);
    expect(read({}, 100).ports["USER_PORT"]).toBe(8181);
  });

  it("refuses what it does not know, and ports that browsers refuse", () => {
    expect(() => read({ PROFILE: "all" })).toThrow('PROFILE is "all": must be one of core, full');
    expect(() => read({ OBJECT_STORE: "s3" })).toThrow('OBJECT_STORE is "s3": must be one of seaweedfs, minio');
    expect(() => read({ MCSV_PORT_OFFSET: "3000" })).toThrow("it moves GRAFANA_PORT to port 6000");
  });

  it("becomes arguments and variables of docker compose", () => {
    const settings = read({ OBJECT_STORE: "minio", PROFILE: "core", COMPOSE_PROJECT_NAME: "two" });
    const args = composeArguments(settings, "/here").join(" ");
    expect(args).toBe(
      "compose --project-name two --profile core --file /here/deploy/compose.yaml --file /here/deploy/compose.minio.yaml",
    );
    const facts = { rootDirectory: "/data/docker", revision: "abc", secrets: "/here/secrets" };
    expect(composeEnvironment(settings, { LOG_LEVEL: "debug" }, facts)).toMatchObject({
      LOG_LEVEL: "debug",
      USER_PORT: "8081",
      DOCKER_ROOT: "/data/docker",
      SECRETS_DIR: "/here/secrets",
      OTEL_TRACES_EXPORTER: "none",
    });
  });

  it("sends spans to the stack's Jaeger by either protocol, or where the caller says, without Jaeger too", () => {
    const facts = { rootDirectory: "/data/docker", revision: "abc", secrets: "/here/secrets" };
    const http = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" };
    const environment = (env: NodeJS.ProcessEnv) => composeEnvironment(read(env), env, facts);
    expect(environment({})).not.toHaveProperty("OTEL_EXPORTER_OTLP_ENDPOINT");
    expect(environment(http)["OTEL_EXPORTER_OTLP_ENDPOINT"]).toBe("http://jaeger:4318");
    const elsewhere = { ...http, PROFILE: "core", OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };
    expect(environment(elsewhere)).toMatchObject(elsewhere);
    expect(environment(elsewhere)).not.toHaveProperty("OTEL_TRACES_EXPORTER");
  });

  it("names every published port when the stack is up", () => {
    const settings = read({});
    const text = describeStack(settings, ".local/docker/secrets");
    for (const port of Object.values(settings.ports)) expect(text).toContain(`http://127.0.0.1:${port} `);
  });
});

describe("createSecrets", () => {
  it("makes random ones once, that only this user can reach and every container can read", async () => {
    const directory = temporaryDirectory();
    expect(hasSecrets(directory)).toBe(false);
    expect(await createSecrets(directory)).toEqual({ isNew: true });
    expect(hasSecrets(directory)).toBe(true);
    const secrets = secretsDirectory(directory);
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    const names = readdirSync(secrets);
    for (const name of names) expect(statSync(join(secrets, name)).mode & 0o777, name).toBe(0o444);

    const contents = () => names.map((name) => readFileSync(join(secrets, name), "utf8"));
    const before = contents();
    expect(await createSecrets(directory)).toEqual({ isNew: false });
    expect(contents()).toEqual(before);
    const other = temporaryDirectory();
    await createSecrets(other);
    for (const name of SECRETS_OF_PEOPLE) expect(readFileSync(join(secrets, name), "utf8")).toBe("");
    for (const name of names.filter((each) => !SECRETS_OF_PEOPLE.includes(each))) {
      expect(readFileSync(join(secretsDirectory(other), name), "utf8")).not.toBe(
        readFileSync(join(secrets, name), "utf8"),
      );
    }
  });

  it("replaces what has changed in place: a container that runs reads the new keys", async () => {
    const directory = temporaryDirectory();
    await createSecrets(directory);
    const file = join(secretsDirectory(directory), "api-keys.json");
    const { ino } = statSync(file);
    const rotated = '{"applications": []}\n';
    writeFileSync(join(directory, "auth", "api-keys.json"), rotated);
    await createSecrets(directory);
    expect(statSync(file)).toMatchObject({ ino });
    expect(readFileSync(file, "utf8")).not.toBe(rotated);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(
      JSON.parse(readFileSync(join(directory, "auth", "api-keys.json"), "utf8")),
    );
  });

  it("leaves alone what somebody has filled in", async () => {
    const directory = temporaryDirectory();
    await createSecrets(directory);
    const file = join(secretsDirectory(directory), "slack-webhook-url");
    chmodSync(file, 0o644);
    writeFileSync(file, "https://hooks.example.com/1");
    await createSecrets(directory);
    expect(readFileSync(file, "utf8")).toBe("https://hooks.example.com/1");
  });

  it("gives each of the object store's users one bucket", async () => {
    const directory = temporaryDirectory();
    await createSecrets(directory);
    const file = join(secretsDirectory(directory), "object-store-identities.json");
    const { identities } = JSON.parse(readFileSync(file, "utf8"));
    expect(identities).toHaveLength(3);
    for (const { name, actions } of identities) {
      expect(actions).toEqual(["Read", "Write", "List", "Tagging"].map((action) => `${action}:${name}`));
    }
  });
});

describe("the mark that the stack is up", () => {
  it("is there from up to down", () => {
    const directory = temporaryDirectory();
    expect(readUpMarker(directory)).toBeUndefined();
    const marker = { project: "mcsv", profile: "core", objectStore: "minio", portOffset: 7 } as const;
    writeUpMarker(directory, marker);
    expect(readUpMarker(directory)).toEqual(marker);
    removeUpMarker(directory);
    expect(readUpMarker(directory)).toBeUndefined();
  });
});
