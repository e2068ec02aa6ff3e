import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

const DIST = join(__dirname, "../../../dist/services/platform");
const FIXTURE = join(DIST, "lifecycle/run-process.fixture.js");
const REGISTER = join(DIST, "telemetry/register.js");

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

const running = new Set<ChildProcess>();

beforeAll(() => {
  expect(existsSync(FIXTURE), `${FIXTURE} is there: run "make build" first`).toBe(true);
});

afterEach(() => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/** The fixture as a process of its own. */
function startFixture(options: { env?: NodeJS.ProcessEnv; args?: string[]; withTelemetry?: boolean } = {}) {
  const { env = {}, args = [], withTelemetry = false } = options;
  const flags = withTelemetry ? ["--require", REGISTER] : [];
  const child = spawn(process.execPath, [...flags, FIXTURE, ...args], {
    env: { PATH: process.env["PATH"], ...(withTelemetry ? {} : { OTEL_SDK_DISABLED: "true" }), ...env },
  });
  running.add(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  const lines = (): LogLine[] =>
    output.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  const messages = () => lines().map(({ message }) => message);
  const logged = (message: string) => expect.poll(messages, { timeout: 15_000, interval: 20 }).toContain(message);
  /** Base URL, once the port is open. */
  const open = async (): Promise<string> => {
    const find = () => messages().find((message) => message.startsWith("listening on "));
    await expect.poll(find, { timeout: 15_000, interval: 20 }).toBeDefined();
    return find()?.slice("listening on ".length) ?? "";
  };
  /** Base URL, once the process is ready. */
  const ready = async (): Promise<string> => {
    await logged("fixture is ready");
    return open();
  };
  return { child, output, exited, lines, messages, logged, open, ready };
}

/** An answer and its body. */
function request(
  url: string,
  agent?: Agent,
  headers: Record<string, string> = {},
): Promise<{ response: IncomingMessage; body: string }> {
  return new Promise((resolve, reject) => {
    get(url, agent === undefined ? { headers } : { agent, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.once("end", () => resolve({ response, body }));
      response.once("error", reject);
    }).once("error", reject);
  });
}

describe("arguments", () => {
  it.each([false, true])(
    "--help prints the variables and starts nothing, whatever the environment (telemetry: %s)",
    async (withTelemetry) => {
      const { exited, output } = startFixture({ args: ["--help"], env: { PORT: "abc" }, withTelemetry });
      expect(await exited).toBe(0);
      expect(output.stdout).toContain(
        "PORT\n      TCP port to listen on.\n      An integer from 1 to 65535. Default: 8081",
      );
      expect(output.stdout).toContain("SCENARIO");
      expect(output.stderr).toBe("");
    },
  );

  it("any other argument is an error that points to --help", async () => {
    const { exited, output } = startFixture({ args: ["--port", "8081"] });
    expect(await exited).toBe(2);
    expect(output.stderr).toMatch(/takes no arguments \(--port 8081\).*--help/);
  });
});

describe("a start that fails", () => {
  it("on a wrong config names every variable on standard error and exits 1", async () => {
    const { exited, output } = startFixture({ env: { PORT: "99999", SCENARIO: "dance", SHUTDOWN_TIMEOUT_MS: "soon" } });
    expect(await exited).toBe(1);
    expect(output.stderr).toBe(
      [
        "fixture did not start: the configuration of fixture is wrong:",
        '  PORT is "99999": must be an integer from 1 to 65535',
        '  SHUTDOWN_TIMEOUT_MS is "soon": must be an integer number of milliseconds from 0 to 600000',
        '  SCENARIO is "dance": must be one of serve, fail, wait, log',
        "",
      ].join("\n"),
    );
    expect(output.stdout).toBe("");
  });

  it("is logged, stops what had started, and exits 1", async () => {
    const { exited, lines, messages } = startFixture({ env: { SCENARIO: "fail" } });
    expect(await exited).toBe(1);
    expect(lines().find(({ level }) => level === "error")).toMatchObject({
      message: "fixture did not start: the moon is missing",
      error: { type: "Error", stack: expect.stringContaining("run-process.fixture") },
    });
    expect(messages()).toContain("first part stopped");
  });

  it("on a port in use says so, and which variable moves it", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { exited, lines } = startFixture({ env: { PORT: String(port) } });
    expect(await exited).toBe(1);
    server.close();
    expect(lines().find(({ level }) => level === "error")?.message).toBe(
      `fixture did not start: cannot listen on 127.0.0.1:${port}: the port is in use by another process; stop it or set PORT`,
    );
  });
});

describe("a start that waits for a dependency", () => {
  it("is alive, says on /readyz what it waits for, and refuses calls for now", async () => {
    const fixture = startFixture({ env: { SCENARIO: "wait" } });
    const url = await fixture.open();
    expect((await request(`${url}/healthz`)).response.statusCode).toBe(200);
    const readiness = async () => {
      const { response, body } = await request(`${url}/readyz`);
      return { status: response.statusCode, body: JSON.parse(body) as unknown };
    };
    await expect.poll(readiness).toEqual({
      status: 503,
      body: {
        status: "not ready",
        service: "fixture",
        state: "starting",
        dependencies: { "the moon": { ready: false, reason: "it is new moon" } },
      },
    });
    const call = await request(`${url}/twirp/mcsv.v1.UserService/GetUser`);
    expect([call.response.statusCode, JSON.parse(call.body)]).toEqual([
      503,
      { code: "unavailable", msg: "fixture is starting" },
    ]);
  });

  it("is interrupted by SIGTERM, and exits 0", async () => {
    const fixture = startFixture({ env: { SCENARIO: "wait" } });
    await fixture.logged("waiting for the moon: it is new moon");
    fixture.child.kill("SIGTERM");
    expect(await fixture.exited).toBe(0);
    expect(fixture.messages()).toContain("first part stopped");
    expect(fixture.messages()).not.toContain("fixture is ready");
  });
});

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  it("turns readiness off, accepts nothing new, answers what was asked, stops the parts in reverse order, exits 0", async () => {
    const fixture = startFixture();
    const url = await fixture.ready();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await request(`${url}/readyz`)).response.statusCode).toBe(200);
    const slow = request(`${url}/slow?ms=700`);
    await fixture.logged("slow request begins");
    const kept = await request(`${url}/healthz`, agent);
    expect(kept.response.headers.connection).toBe("keep-alive");

    fixture.child.kill(signal);
    await fixture.logged("fixture is stopping");
    // On a connection that is open already: new ones are refused.
    const readiness = await request(`${url}/readyz`, agent);
    expect(readiness.response.statusCode).toBe(503);
    expect(readiness.response.headers.connection).toBe("close");
    expect(JSON.parse(readiness.body)).toMatchObject({ status: "not ready", state: "stopping" });
    await expect(request(`${url}/healthz`)).rejects.toThrow("ECONNREFUSED");

    const { response, body } = await slow;
    expect([response.statusCode, JSON.parse(body)]).toEqual([200, { slept: true }]);
    expect(response.headers.connection).toBe("close");
    expect(await fixture.exited).toBe(0);
    expect(fixture.messages().slice(-3)).toEqual(["second part stopped", "first part stopped", "fixture has stopped"]);
    agent.destroy();
  });
});

describe("stopping", () => {
  it("cuts off at SHUTDOWN_TIMEOUT_MS what does not end, says what, and exits 0", async () => {
    const fixture = startFixture({ env: { SHUTDOWN_TIMEOUT_MS: "300", STOP_MS: "60000" } });
    const url = await fixture.ready();
    const slow = request(`${url}/slow?ms=60000`).catch((error: Error) => error);
    await fixture.logged("slow request begins");
    const startedAt = performance.now();
    fixture.child.kill("SIGTERM");
    expect(await fixture.exited).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(await slow).toBeInstanceOf(Error);
    expect(fixture.messages()).toContain("requests were cut off");
    expect(fixture.messages()).toContain("second part did not finish in time and is cut off");
    // What comes after the cut off part is stopped all the same.
    expect(fixture.messages()).toContain("first part stopped");
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("ends at once at a second %s, with %i", async (signal, code) => {
    const fixture = startFixture({ env: { STOP_MS: "60000" } });
    await fixture.ready();
    fixture.child.kill("SIGTERM");
    await fixture.logged("fixture is stopping");
    fixture.child.kill(signal);
    expect(await fixture.exited).toBe(code);
  });

  it("does not wait long for a collector that does not answer", async () => {
    const fixture = startFixture({
      withTelemetry: true,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_SERVICE_NAME: "fixture" },
    });
    const url = await fixture.ready();
    await request(`${url}/slow?ms=1`);
    const startedAt = performance.now();
    fixture.child.kill("SIGTERM");
    expect(await fixture.exited).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    const [warning] = fixture.lines().filter(({ level }) => level === "warn");
    expect(warning?.message).toMatch(/^the last spans were not sent: ./);
  });

  it("is told in the log, once, that a collector does not take its spans", async () => {
    const fixture = startFixture({
      withTelemetry: true,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
        OTEL_EXPORTER_OTLP_TIMEOUT: "100",
        OTEL_BSP_SCHEDULE_DELAY: "10",
      },
    });
    const url = await fixture.ready();
    for (const failed of [1, 2]) {
      await request(`${url}/slow?ms=1`);
      const metric = new RegExp(`^otel_sdk_processor_span_processed_total\\{.*error_type=".*\\} ${failed}$`, "m");
      await expect.poll(async () => (await request(`${url}/metrics`)).body, { timeout: 10_000 }).toMatch(metric);
    }
    fixture.child.kill("SIGTERM");
    expect(await fixture.exited).toBe(0);
    const warnings = fixture.lines().filter(({ message }) => message === "spans could not be sent");
    expect(warnings).toMatchObject([{ level: "warn", error: { message: expect.any(String) } }]);
  });
});

describe("a crash", () => {
  it.each([
    ["throw", "fixture crashed: uncaught exception: thrown in a callback"],
    ["reject", "fixture crashed: unhandled rejection: rejected and forgotten"],
  ])("by %s is logged with its stack, and exits 1", async (how, message) => {
    const fixture = startFixture();
    const url = await fixture.ready();
    await request(`${url}/${how}`).catch((error: Error) => error);
    expect(await fixture.exited).toBe(1);
    expect(fixture.lines().find((line) => line.message === message)).toMatchObject({
      level: "error",
      error: { stack: expect.stringContaining("run-process.fixture") },
    });
  });
});

describe("the log", () => {
  it("has all of 100,000 lines that were logged right before the end, when its reader is slow", async () => {
    const { child, exited, output } = startFixture({ env: { SCENARIO: "log" } });
    // Reads a piece, then rests: the pipe is full all the time.
    child.stdout.on("data", () => {
      child.stdout.pause();
      setTimeout(() => child.stdout.resume(), 2);
    });
    expect(await exited).toBe(0);
    const indices = output.stdout.match(/"index":\d+/g) ?? [];
    expect(indices).toHaveLength(100_000);
    expect(indices.at(-1)).toBe('"index":99999');
    expect(output.stdout.trimEnd().split("\n").at(-1)).toContain("fixture has stopped");
  });

  it("has the caller's trace and request id in the lines of its request", async () => {
    const fixture = startFixture({ withTelemetry: true, env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" } });
    const url = await fixture.ready();
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, "x-request-id": "r-1" };
    const { response } = await request(`${url}/slow?ms=1`, undefined, headers);
    expect(response.headers["x-request-id"]).toBe("r-1");
    await fixture.logged("slow request begins");
    expect(fixture.lines().find(({ message }) => message === "slow request begins")).toMatchObject({
      trace_id: traceId,
      span_id: expect.stringMatching(/^(?!b7ad6b7169203331)[0-9a-f]{16}$/),
      request_id: "r-1",
    });
  });

  it("is switched to debug and back by SIGUSR2", async () => {
    const fixture = startFixture();
    await fixture.ready();
    const levels = () => fixture.lines().flatMap(({ log_level }) => (log_level === undefined ? [] : [log_level]));
    fixture.child.kill("SIGUSR2");
    await expect.poll(levels).toEqual(["debug"]);
    fixture.child.kill("SIGUSR2");
    await expect.poll(levels).toEqual(["debug", "info"]);
  });

  it("may lose its reader without the service going down", async () => {
    const fixture = startFixture();
    const url = await fixture.ready();
    fixture.child.stdout.destroy();
    for (let count = 0; count < 20; count++) {
      expect((await request(`${url}/slow?ms=1`)).response.statusCode).toBe(200);
    }
    fixture.child.kill("SIGTERM");
    expect(await fixture.exited).toBe(0);
  });
});
