import { originList } from "./origin-list";
import { durationMs, httpUrl, oneOf, port, ratio, text } from "./variables";

/** How much is logged: a level and all that are graver. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

/** How a log line looks; `auto` is pretty on a terminal and JSON elsewhere. */
export const LOG_FORMATS = ["auto", "json", "pretty"] as const;

/**
 * The variables every process has that serves HTTP: where it listens, how it logs and how long it may take to stop.
 *
 * @param defaultPort port of the process when PORT is not set
 */
export function processVariables(defaultPort: number) {
  return {
    host: text({
      env: "HOST",
      description: "Address to listen on; 0.0.0.0 or :: admits other machines.",
      default: "127.0.0.1",
    }),
    port: port({ env: "PORT", description: "TCP port to listen on.", default: defaultPort }),
    logLevel: oneOf({
      env: "LOG_LEVEL",
      description: "How much is logged: this level and all that are graver. SIGUSR2 switches to debug and back.",
      values: LOG_LEVELS,
      default: "info",
    }),
    logFormat: oneOf({
      env: "LOG_FORMAT",
      description: "How log lines look; auto is pretty on a terminal and JSON elsewhere.",
      values: LOG_FORMATS,
      default: "auto",
    }),
    logSampleRatio: ratio({
      env: "LOG_SAMPLE_RATIO",
      description: "Part of the traces, chosen by id, whose info and debug lines are logged; warnings always are.",
      default: 1,
    }),
    shutdownTimeoutMs: durationMs({
      env: "SHUTDOWN_TIMEOUT_MS",
      description: "How long requests and jobs in progress may take to finish after SIGTERM.",
      min: 0,
      max: 600_000,
      default: 10_000,
    }),
  };
}

/**
 * The variables every service has: those of a process, and what it tells and grants to those who call it.
 *
 * @param defaultPort port of the service when PORT is not set
 */
export function serviceVariables(defaultPort: number) {
  return {
    ...processVariables(defaultPort),
    publicUrl: httpUrl({
      env: "PUBLIC_URL",
      description: "Base URL of this service for its callers, which /openapi.json names; unset: where it was asked.",
      optional: true,
    }),
    corsOrigins: originList({
      env: "CORS_ORIGINS",
      description: "Origins whose pages may call this service from a browser (CORS).",
      default: [],
      defaultText: "none",
    }),
  };
}
