import type { Writable } from "node:stream";
import { finished as finish } from "node:stream/promises";
import { isSpanContextValid, TraceFlags, trace } from "@opentelemetry/api";
import { createLogger as createWinston, format as formats, type Logger } from "winston";
import type { LOG_FORMATS, LOG_LEVELS } from "../config/service-variables";
import { currentSubject } from "../http/request-context";
import { LineTransport } from "./line-transport";
import { LEVEL, type LogRecord, MESSAGE, makeLogRecord, type WinstonInfo } from "./log-record";
import { prettyLine } from "./pretty-line";
import { type TraceSample, traceSample } from "./trace-sample";

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
   * Part of the traces whose `info` and `debug` lines are kept, 0 to 1. Warnings and errors, what is marked with {@link KEPT}, lines
   * outside of a trace, and those that name a conversion whose trace is recorded are kept always: its id leads to the trace. Default 1.
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
  const isTraceKept = traceSample(options.sampleRatio ?? 1);
  let isEnded = false;
  // Everything, child loggers included, comes through `write` in the context of the caller; winston's formats run later when
  // the stream is full, in the context of whoever emptied it.
  logger.write = (info: WinstonInfo): boolean => {
    const level = String(info[LEVEL] ?? info["level"]);
    const severity = levels[level] ?? 0;
    const isWanted = severity <= (levels[logger.level] ?? 0);
    if (!isWanted || isEnded || (severity > warning && info[KEPT] !== true && !isSampled(info, isTraceKept))) {
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

/** Whether the log keeps a line of the trace that the caller is in. */
function isSampled(info: WinstonInfo, isTraceKept: TraceSample): boolean {
  const span = trace.getActiveSpan()?.spanContext();
  if (span === undefined || !isSpanContextValid(span) || isTraceKept(span.traceId)) {
    return true;
  }
  const isRecorded = (span.traceFlags & TraceFlags.SAMPLED) !== 0;
  return isRecorded && (info["conversion_id"] ?? currentSubject()?.conversionId) !== undefined;
}

/** Ends a logger; resolves when its stream has taken every line. What is logged afterwards is dropped. */
export async function closeLogger(logger: Logger): Promise<void> {
  const finished = logger.transports.map((transport) => finish(transport));
  logger.end();
  await Promise.all(finished);
}
