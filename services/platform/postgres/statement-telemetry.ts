import {
  type Attributes,
  context,
  type Histogram,
  type Meter,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  DB_SYSTEM_NAME_VALUE_POSTGRESQL,
  METRIC_DB_CLIENT_OPERATION_DURATION,
} from "@opentelemetry/semantic-conventions";

/** Bounds of durations in seconds: those of the semantic conventions for database clients. */
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** Where a statement runs. */
export interface DatabaseServer {
  readonly host: string;
  readonly port: number;
  readonly database?: string | undefined;
}

/** The durations of the statements of a process. */
export function statementDuration(meter: Meter): Histogram {
  return meter.createHistogram(METRIC_DB_CLIENT_OPERATION_DURATION, {
    unit: "s",
    description: "Time of a statement.",
    advice: { explicitBucketBoundaries: SECONDS },
  });
}

/** What all statements that begin with the same word have in common. */
interface Operation {
  readonly spanName: string;
  readonly attributes: Attributes;
}

/**
 * A span and a duration for each statement, by the semantic conventions for database clients. Parameters and what the server
 * says of an error stay out of both: they may be anything. Statements outside of a trace, such as a queue's polling, leave nothing, nor
 * does BEGIN, which the server answers at once.
 */
export class StatementTelemetry {
  readonly #tracer: Tracer;
  readonly #duration: Histogram;
  readonly #server: DatabaseServer;
  readonly #operations = new Map<string, Operation>();

  constructor(tracer: Tracer, duration: Histogram, server: DatabaseServer) {
    this.#tracer = tracer;
    this.#duration = duration;
    this.#server = server;
  }

  /**
   * Notes that a statement begins.
   *
   * @returns to be called when it has ended, with its error if it failed; undefined when there is nothing to note
   */
  begin(text: string): ((error?: unknown) => void) | undefined {
    const parent = context.active();
    if (trace.getSpan(parent) === undefined || text === "BEGIN") {
      return undefined;
    }
    const startedMs = performance.now();
    const { spanName, attributes } = this.#operation(text);
    const span = this.#tracer.startSpan(spanName, { kind: SpanKind.CLIENT, attributes }, parent);
    span.setAttribute(ATTR_DB_QUERY_TEXT, text);
    return (error) => {
      const errorType = error === undefined || error === null ? undefined : errorTypeOf(error);
      if (errorType !== undefined) {
        recordError(span, errorType);
      }
      span.end();
      this.#duration.record(
        (performance.now() - startedMs) / 1000,
        errorType === undefined ? attributes : { ...attributes, [ATTR_ERROR_TYPE]: errorType },
      );
    };
  }

  #operation(text: string): Operation {
    const name = operationOf(text);
    const known = this.#operations.get(name);
    if (known !== undefined) {
      return known;
    }
    const { host, port, database } = this.#server;
    const operation = {
      spanName: database === undefined ? name : `${name} ${database}`,
      attributes: {
        [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_NAME_VALUE_POSTGRESQL,
        [ATTR_DB_OPERATION_NAME]: name,
        [ATTR_SERVER_ADDRESS]: host,
        [ATTR_SERVER_PORT]: port,
        ...(database === undefined ? {} : { [ATTR_DB_NAMESPACE]: database }),
      },
    };
    this.#operations.set(name, operation);
    return operation;
  }
}

/** The first word of a statement, in capitals. */
function operationOf(text: string): string {
  return /[a-z]+/i.exec(text)?.[0].toUpperCase() ?? "";
}

/** SQLSTATE or system error code of an error, else the name of its class. */
function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

function recordError(span: Span, errorType: string): void {
  const isFromServer = SQLSTATE.test(errorType);
  const message = isFromServer ? `the server answered with SQLSTATE ${errorType}` : errorType;
  span.setAttribute(ATTR_ERROR_TYPE, errorType);
  if (isFromServer) {
    span.setAttribute(ATTR_DB_RESPONSE_STATUS_CODE, errorType);
  }
  span.recordException({ code: errorType, message });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
