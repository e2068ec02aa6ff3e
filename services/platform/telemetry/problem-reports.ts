import { DiagLogLevel, diag } from "@opentelemetry/api";
import { setGlobalErrorHandler } from "@opentelemetry/core";

/** Is told what is wrong with telemetry, as a log is: a constant message, and fields. */
export type ProblemListener = (message: string, fields: Readonly<Record<string, unknown>>) => void;

/** A problem that lasts is told again after this long. */
const QUIET_MS = 60_000;

/** Most problems that are told apart. */
const MAX_KINDS = 100;

interface Kind {
  readonly toldAtMs: number;
  /** How often it has happened since it was told. */
  repeated: number;
}

/**
 * Passes problems on, each kind at most once a minute: a collector that is away must not fill the log. What happened in between
 * is counted in the field `repeated` of the next report. Keeps what happens before anybody listens.
 */
export class ProblemReports {
  readonly #now: () => number;
  readonly #kinds = new Map<string, Kind>();
  readonly #early: Parameters<ProblemListener>[] = [];
  #listener: ProblemListener = (...report) => this.#early.push(report);

  /** @param now milliseconds on a clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  listen(listener: ProblemListener): void {
    this.#listener = listener;
    for (const report of this.#early.splice(0)) {
      listener(...report);
    }
  }

  /** @param kind what is the same problem though its fields differ */
  report(kind: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    const known = this.#kinds.get(kind);
    const nowMs = this.#now();
    if (known !== undefined && nowMs - known.toldAtMs < QUIET_MS) {
      known.repeated++;
      return;
    }
    if (known === undefined && this.#kinds.size >= MAX_KINDS) {
      return;
    }
    this.#kinds.set(kind, { toldAtMs: nowMs, repeated: 0 });
    this.#listener(message, known === undefined ? fields : { ...fields, repeated: known.repeated });
  }
}

/**
 * Reports what OpenTelemetry complains of. A level in `OTEL_LOG_LEVEL` has its own messages on the console instead, for whoever looks
 * for a fault in it.
 */
export function catchProblems(reports: ProblemReports): void {
  setGlobalErrorHandler((error) => reports.report("export", "spans could not be sent", { error }));
  if ((process.env["OTEL_LOG_LEVEL"] ?? "") !== "") {
    return;
  }
  const complain = (problem: string, ...details: unknown[]) => {
    const text = [problem, ...details.map(String)].join(" ");
    reports.report(problem, "telemetry complains", { problem: text });
  };
  const ignore = () => undefined;
  diag.setLogger(
    { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
