import { describe, expect, expectTypeOf, it } from "vitest";
import { ConfigError } from "./config-error";
import { type ConfigOf, defineConfig, loadConfig, printableConfig } from "./define-config";
import { objectStoreVariables } from "./object-store-variables";
import { processVariables } from "./service-variables";
import { makeVariable } from "./variable";
import { httpUrl, integer, oneOf, postgresUrl, secret, text } from "./variables";

const definition = defineConfig("sample", {
  ...processVariables(8081),
  databaseUrl: postgresUrl({ env: "DATABASE_URL", description: "The database." }),
  apiKey: secret({ env: "API_KEY", description: "A key." }),
  nickname: text({ env: "NICKNAME", description: "A name.", optional: true }),
  upstream: httpUrl({ env: "UPSTREAM_URL", description: "Where.", default: "http://127.0.0.1:1" }),
  mirror: httpUrl({ env: "MIRROR_URL", description: "Where else.", fallback: "UPSTREAM_URL" }),
});

const VALID = { DATABASE_URL: "postgres://me:hunter2@127.0.0.1:5432/db", API_KEY: "sesame" };

function problemsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(definition, env);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems.map(({ message }) => message);
    }
    throw error;
  }
  return [];
}

describe("loadConfig", () => {
  it("gives defaults for what is not set, and undefined for what is optional", () => {
    expect(loadConfig(definition, VALID)).toEqual({
      host: "127.0.0.1",
      port: 8081,
      logLevel: "info",
      logFormat: "auto",
      logSampleRatio: 1,
      shutdownTimeoutMs: 10_000,
      databaseUrl: VALID.DATABASE_URL,
      apiKey: "sesame",
      nickname: undefined,
      upstream: "http://127.0.0.1:1",
      mirror: "http://127.0.0.1:1",
    });
  });

  it("types the config by its variables", () => {
    type Config = ConfigOf<typeof definition>;
    expectTypeOf<Config["port"]>().toEqualTypeOf<number>();
    expectTypeOf<Config["nickname"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Config["logLevel"]>().toEqualTypeOf<"error" | "warn" | "info" | "debug">();
  });

  it("names the variable, its value and what is allowed", () => {
    expect(problemsOf({ ...VALID, PORT: "abc" })).toEqual(['PORT is "abc": must be an integer from 1 to 65535']);
    expect(problemsOf({ ...VALID, LOG_LEVEL: "loud" })).toEqual([
      'LOG_LEVEL is "loud": must be one of error, warn, info, debug',
    ]);
  });

  it("lists everything that is wrong, not only the first", () => {
    expect(problemsOf({ PORT: "0", UPSTREAM_URL: "nowhere" })).toEqual([
      'PORT is "0": must be an integer from 1 to 65535',
      "DATABASE_URL is not set: must be a PostgreSQL URL such as postgres://user:password@127.0.0.1:5432/database",
      "API_KEY is not set: must be a text",
      'UPSTREAM_URL is "nowhere": must be an http:// or https:// URL without user, query and fragment, such as http://127.0.0.1:8081',
    ]);
  });

  it("has all problems in the message, under the name of the service", () => {
    expect(() => loadConfig(definition, {})).toThrow(
      /^the configuration of sample is wrong:\n {2}DATABASE_URL.*\n {2}API_KEY/,
    );
  });

  it("shows no password of a value that is wrong", () => {
    const [problem] = problemsOf({ ...VALID, DATABASE_URL: "mysql://me:hunter2@host/db" });
    expect(problem).toMatch(/^DATABASE_URL is "mysql:\/\/me:\*\*\*\*@host\/db": must be/);
  });

  it("takes an empty variable as one that is not set", () => {
    expect(loadConfig(definition, { ...VALID, PORT: "" }).port).toBe(8081);
    expect(problemsOf({ ...VALID, API_KEY: "" })).toEqual(["API_KEY is not set: must be a text"]);
  });

  it.each([
    ["OTEL_SDK_DISABLED", "yes", "true or false"],
    ["OTEL_TRACES_SAMPLER", "parentbased", "one of always_on, always_off, traceidratio, alone or behind parentbased_"],
    ["OTEL_TRACES_SAMPLER_ARG", "10%", "a number from 0 to 1, such as 0.1"],
    ["OTEL_TRACES_EXPORTER", "jaeger", "one of otlp, none"],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "http", "one of grpc, http/protobuf"],
    ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "gRPC", "one of grpc, http/protobuf"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "an http:// or https:// URL"],
    ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "nonsense", "an http:// or https:// URL"],
    ["OTEL_RESOURCE_ATTRIBUTES", "blue", "key=value pairs"],
    ["OTEL_BSP_SCHEDULE_DELAY", "5s", "an integer number of milliseconds"],
  ])("refuses %s=%s, which OpenTelemetry would pass over", (env, value, allowed) => {
    const problems = problemsOf({ ...VALID, [env]: value });
    expect(problems).toEqual([expect.stringContaining(`${env} is "${value}": must be ${allowed}`)]);
  });

  it("shows nothing of the collector's headers", () => {
    const [problem] = problemsOf({ ...VALID, OTEL_EXPORTER_OTLP_HEADERS: "hunter2" });
    expect(problem).toBe('OTEL_EXPORTER_OTLP_HEADERS is "****": must be key=value pairs with commas between them');
    expect(problemsOf({ ...VALID, OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic aGk=,x=1" })).toEqual([]);
  });

  it("takes the value of another variable where one falls back to it, unless it is set itself", () => {
    const env = { ...VALID, UPSTREAM_URL: "http://up" };
    expect(loadConfig(definition, env).mirror).toBe("http://up");
    expect(loadConfig(definition, { ...env, MIRROR_URL: "http://mirror" }).mirror).toBe("http://mirror");
  });
});

describe("defineConfig", () => {
  it("refuses two properties of one variable", () => {
    const one = integer({ env: "SAME", description: "One.", min: 0, max: 1, default: 0 });
    expect(() => defineConfig("sample", { one, other: one })).toThrow("sample reads SAME twice");
  });

  it("refuses a fallback to a variable that is not there", () => {
    const one = text({ env: "ONE", description: "One.", fallback: "TWO" });
    expect(() => defineConfig("sample", { one })).toThrow("ONE falls back to TWO");
  });

  it("takes defaults only among the words of oneOf", () => {
    // @ts-expect-error "c" is none of the words
    oneOf({ env: "X", description: "A word.", values: ["a", "b"], default: "c" });
  });
});

describe("printableConfig", () => {
  it("prints a value of a service's own kind as it could be given", () => {
    const range = makeVariable(
      { env: "RANGE", description: "Two numbers.", default: [1, 2] },
      {
        allowed: "two numbers with a dash between them",
        parse: (given) => ({ value: given.split("-").map(Number) }),
        format: (value) => value.join("-"),
      },
    );
    const ranged = defineConfig("sample", { range });
    expect(range.defaultText).toBe("1-2");
    expect(printableConfig(ranged, loadConfig(ranged, { RANGE: "3-4" }))).toEqual({ RANGE: "3-4" });
  });

  it("is by variable, masked, and leaves out what is not set", () => {
    const store = defineConfig("sample", { ...definition.variables, ...objectStoreVariables });
    const config = loadConfig(store, {
      ...VALID,
      OBJECT_STORE_ENDPOINT: "http://127.0.0.1:9000",
      OBJECT_STORE_ACCESS_KEY_ID: "id",
      OBJECT_STORE_SECRET_ACCESS_KEY: "store-secret",
    });
    const printable = printableConfig(store, config);
    expect(printable).toMatchObject({
      PORT: 8081,
      DATABASE_URL: "postgres://me:****@127.0.0.1:5432/db",
      API_KEY: "****",
      OBJECT_STORE_PUBLIC_ENDPOINT: "http://127.0.0.1:9000",
      OBJECT_STORE_SECRET_ACCESS_KEY: "****",
    });
    expect(printable).not.toHaveProperty("NICKNAME");
    expect(JSON.stringify(printable)).not.toMatch(/hunter2|sesame|store-secret/);
  });
});
