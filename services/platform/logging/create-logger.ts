import type { Writable } from "node:stream";
import { finished as finish } from "node:stream/promises";
import { isSpanContextValid, TraceFlags, trace } from "@opentelemetry/api";
import { createLogger as createWinston, format as formats, type Logger } from "winston";
import type { LOG_FORMATS, LOG_LEVELS } from "../config/service-variables";
import { currentRequestId, currentSubject } from "../http/request-context";
import { LineTransport } from "./line-transport";
import { LEVEL, type LogRecord, MESSAGE, makeLogRecord, type WinstonInfo } from "./log-record";
import { prettyLine } from "./pretty-line";
import { createLogSample, type LogSample } from "./trace-sample";

export type { Logger };

/** A field that keeps a line whatever is sampled: `logger.info("call", { ...fields, [KEPT]: true })`. It is not written. */
export const KEPT = Symbol.for("mcsv.log.kept");

/** Where, how much and how a service logs. */
export interface LoggerOptions {
  /** Name of the service, in every line. */
  readonly service: string;
  readonly level: (typeof LOG_LEVELS)[number];
  /** `auto` is pretty when the stream is a terminal, else JSON. */
  readonly format: (typeof LOG_FORMATS)[number];
  /**
   * Part of the traces whose `info` and `debug` lines are kept, 0 to 1; of the requests where nothing is traced. Warnings and errors,
   * what is marked with {@link KEPT}, lines that name a conversion whose trace is recorded (its id leads to the trace), and lines that
   * belong to neither are kept always. Default 1.
   */
  readonly sampleRatio?: number;
  /** Default: standard output. */
  readonly stream?: Writable & { readonly isTTY?: boolean };
}

/**
 * A winston logger of one JSON object a line: `time`, `level`, `service`, `message`, `trace_id`, `span_id` and `request_id` of
 * the calling code, then the fields of the call. Secrets, bodies and presigned query strings are left out (redact.ts).
 */
export function createLogger(options: LoggerOptions): Logger {
  const stream = options.stream ?? process.stdout;
  const pretty = options.format === "pretty" || (options.format === "auto" && stream.isTTY === true);
  const colours = pretty && stream.isTTY === true && (process.env["NO_COLOR"] ?? "") === "";
  const toLine = pretty
    ? (record: LogRecord) => prettyLine(record, colours)
    : (record: LogRecord) => JSON.stringify(record);
  const logger = createWinston({
    level: options.level,
    // Lines are finished in `write`, below.
    format: formats((info) => info)(),
    transports: [new LineTransport(stream)],
  });
  const write = logger.write.bind(logger) as (info: WinstonInfo) => boolean;
  const end = logger.end.bind(logger);
  const levels: Readonly<Record<string, number>> = logger.levels;
  const warning = levels["warn"] ?? 0;
  const { sampleRatio = 1 } = options;
  const sample = sampleRatio < 1 ? createLogSample(sampleRatio) : undefined;
  let isEnded = false;
  // Everything, child loggers included, comes through `write` in the context of the caller; winston's formats run later when
  // the stream is full, in the context of whoever emptied it.
  logger.write = (info: WinstonInfo): boolean => {
    const level = String(info[LEVEL] ?? info["level"]);
    const severity = levels[level] ?? 0;
    const isWanted = severity <= (levels[logger.level] ?? 0);
    if (!isWanted || isEnded || (severity > warning && info[KEPT] !== true && !isSampled(info, sample))) {
      return true;
    }
    const record = makeLogRecord(options.service, info);
    return write({ ...record, [LEVEL]: level, [MESSAGE]: toLine(record) });
  };
  // winston would end its transports here, with lines still on their way to them. Without that they end as all piped streams
  // do: after the last line.
  logger._final = (done) => done();
  // winston's stream has no property that tells, and throws what is logged after its end.
  logger.end = () => {
    isEnded = true;
    return end();
  };
  return logger;
}

/** Whether the log keeps a line of what the caller works for. */
function isSampled(info: WinstonInfo, sample: LogSample | undefined): boolean {
  if (sample === undefined) {
    return true;
  }
  const span = trace.getActiveSpan()?.spanContext();
  if (span !== undefined && isSpanContextValid(span)) {
    const isRecorded = (span.traceFlags & TraceFlags.SAMPLED) !== 0;
    return sample.keepsTrace(span.traceId) || (isRecorded && namesConversion(info));
  }
  const requestId = currentRequestId();
  return requestId === undefined || sample.keepsRequest(requestId);
}

function namesConversion(info: WinstonInfo): boolean {
  return (info["conversion_id"] ?? currentSubject()?.conversionId) !== undefined;
}

/** Ends a logger; resolves when its stream has taken every line. What is logged afterwards is dropped. */
export async function closeLogger(logger: Logger): Promise<void> {
  const finished = logger.transports.map((transport) => finish(transport));
  logger.end();
  await Promise.all(finished);
}
