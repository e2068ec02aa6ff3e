import { Writable } from "node:stream";
import { createLogger, type Logger } from "../../platform/logging/create-logger";

/** A logger for tests that make things fail: what it is told goes nowhere. */
export function silentLogger(): Logger {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
  return createLogger({ service: "test", level: "debug", format: "json", stream });
}
