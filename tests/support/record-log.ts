import { Writable } from "node:stream";
import { createLogger, type Logger } from "../../services/platform/logging/create-logger";

/** A real logger whose lines, JSON from level debug up, can be looked at. */
export function recordLog(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(...chunk.toString("utf8").trimEnd().split("\n"));
      done();
    },
  });
  return { logger: createLogger({ service: "test", level: "debug", format: "json", stream }), lines };
}
