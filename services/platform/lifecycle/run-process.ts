import { ConfigError } from "../config/config-error";
import {
  type ConfigDefinition,
  type ConfigOf,
  defineConfig,
  loadConfig,
  type Variables,
} from "../config/define-config";
import { configHelp } from "../config/describe-config";
import { serviceVariables } from "../config/service-variables";
import { closeLogger, type Logger } from "../logging/create-logger";
import { describeError, errorMessage } from "../logging/describe-error";
import { redactText } from "../logging/redact";
import { sanitize } from "../logging/sanitize";
import { shutdownTelemetry } from "../telemetry/shutdown-telemetry";
import { currentTelemetry } from "../telemetry/telemetry-handle";
import { createLifecycle, type Lifecycle, type OwnedLifecycle } from "./lifecycle";
import { StartError } from "./start-error";

/** What a process has to work with. */
export interface ProcessContext {
  readonly env: NodeJS.ProcessEnv;
  readonly lifecycle: Lifecycle;
}

/** What a process with a config has to work with. */
export interface ConfiguredContext<V extends Variables> extends ProcessContext {
  readonly config: ConfigOf<ConfigDefinition<V>>;
}

/** How long the last spans may take to reach the collector. */
const TELEMETRY_FLUSH_MS = 2_000;

/** How long whoever reads the log may take for its last lines. */
const LOG_FLUSH_MS = 10_000;

/**
 * Runs a service: the one place that exits the process.
 *
 * - `--help` prints the service's variables; exit 0. Any other argument is an error; exit 2.
 * - `run` starts the service, and resolves when it is ready. When it rejects, or the config is wrong: a message, exit 1.
 * - SIGTERM or SIGINT: stops what `lifecycle.onStop` registered within SHUTDOWN_TIMEOUT_MS, flushes telemetry and the log, exit 0.
 * - SIGUSR2 switches the log to debug, and the next one back.
 * - A second signal exits at once, with 128 plus the number of the signal.
 * - An uncaught exception or unhandled rejection is logged and flushed; exit 1.
 *
 * @param service definition of the service's config, or just the name of a process without one
 */
export function runProcess<V extends Variables>(
  service: ConfigDefinition<V>,
  run: (process: ConfiguredContext<V>) => Promise<void>,
): void;
export function runProcess(service: string, run: (process: ProcessContext) => Promise<void>): void;
export function runProcess<V extends Variables>(
  service: ConfigDefinition<V> | string,
  run: (process: ConfiguredContext<V>) => Promise<void>,
): void {
  const definition = typeof service === "string" ? defineConfig(service, {} as V) : service;
  if (process.argv.length > 2) {
    answerArguments(definition, process.argv.slice(2));
    return;
  }
  const owned = createLifecycle(definition.service);
  const end = createEnd(owned);
  const timeoutMs = shutdownTimeoutMs(definition.service, process.env);

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, (_name: NodeJS.Signals, number: number) => {
      if (owned.lifecycle.state === "stopping") {
        process.exit(128 + number);
      }
      void owned.stop(signal, timeoutMs).then(() => end(0));
    });
  }
  process.on("SIGUSR2", levelSwitch(owned));
  currentTelemetry()?.onProblem((message, fields) => warn(owned, message, fields));
  const crash = (what: string) => (error: unknown) => {
    report(owned, `${definition.service} crashed: ${what}: ${errorMessage(error)}`, error);
    void end(1);
  };
  process.on("uncaughtException", crash("uncaught exception"));
  process.on("unhandledRejection", crash("unhandled rejection"));

  void start(definition, run, owned).catch(async (error: unknown) => {
    if (owned.lifecycle.state === "stopping") {
      // The signal interrupted the start; whoever sent it gets the exit of a stop.
      return;
    }
    report(owned, `${definition.service} did not start: ${errorMessage(error)}`, error);
    await owned.stop("the start failed", timeoutMs);
    await end(1);
  });
}

/** Switches between the configured log level and debug. */
function levelSwitch(owned: OwnedLifecycle): () => void {
  let configured: string | undefined;
  return () => {
    const logger = owned.logger();
    if (logger === undefined) {
      return;
    }
    if (configured === undefined) {
      configured = logger.level;
      logger.level = "debug";
    } else {
      logger.level = configured;
      configured = undefined;
    }
    logger.warn("log level switched", { log_level: logger.level });
  };
}

async function start<V extends Variables>(
  definition: ConfigDefinition<V>,
  run: (process: ConfiguredContext<V>) => Promise<void>,
  { lifecycle }: OwnedLifecycle,
): Promise<void> {
  const config = loadConfig(definition, process.env);
  await run({ env: process.env, lifecycle, config });
  lifecycle.markReady();
}

function answerArguments(definition: ConfigDefinition, given: readonly string[]): void {
  const isHelp = given.some((argument) => argument === "--help" || argument === "-h");
  if (isHelp) {
    process.stdout.write(configHelp(definition));
  } else {
    process.stderr.write(
      `${definition.service} takes no arguments (${given.join(" ")}): environment variables configure it, see --help\n`,
    );
  }
  process.exitCode = isHelp ? 0 : 2;
}

/** The limit for stopping, which must be known even when the rest of the config is wrong. */
function shutdownTimeoutMs(service: string, env: NodeJS.ProcessEnv): number {
  const { shutdownTimeoutMs: variable } = serviceVariables(1);
  try {
    return loadConfig(defineConfig(service, { variable }), env).variable;
  } catch (error) {
    if (error instanceof ConfigError && variable.default !== undefined) {
      return variable.default;
    }
    throw error;
  }
}

/** Reports to the log, or to standard error as long as there is none. */
function report(owned: OwnedLifecycle, message: string, error: unknown): void {
  const logger = owned.logger();
  const isForPeople = error instanceof ConfigError || error instanceof StartError;
  if (logger !== undefined) {
    logger.error(message, isForPeople ? {} : { error });
    return;
  }
  // A config error masks what is secret in it itself, and its examples are meant to be read.
  process.stderr.write(isForPeople ? `${message}\n` : `${redactText(message)}\n${describeError(error).stack ?? ""}\n`);
}

/** Warns in the log, or on standard error as long as there is none. */
function warn(owned: OwnedLifecycle, message: string, fields: Readonly<Record<string, unknown>>): void {
  const logger = owned.logger();
  if (logger === undefined) {
    process.stderr.write(`${message}: ${JSON.stringify(sanitize(fields))}\n`);
  } else {
    logger.warn(message, fields);
  }
}

/** Makes the function that flushes telemetry and the log and exits; of several calls the first counts. */
function createEnd(owned: OwnedLifecycle): (code: number) => Promise<void> {
  let isEnding = false;
  return async (code) => {
    if (isEnding) {
      return;
    }
    isEnding = true;
    const logger = owned.logger();
    const flushed = within(TELEMETRY_FLUSH_MS, shutdownTelemetry()).catch(errorMessage);
    if ((await flushed) !== undefined) {
      logger?.warn(`the last spans were not sent: ${await flushed}`);
    }
    await within(LOG_FLUSH_MS, flushLog(logger));
    process.exit(code);
  };
}

async function flushLog(logger: Logger | undefined): Promise<void> {
  if (logger !== undefined) {
    await closeLogger(logger);
  }
}

/** Resolves when the work is done; with a word about it when it takes too long. */
async function within(limitMs: number, work: Promise<void>): Promise<string | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(`not within ${limitMs} ms`), limitMs);
  try {
    return await Promise.race([work.then(() => undefined), over]);
  } finally {
    clearTimeout(timer);
  }
}
