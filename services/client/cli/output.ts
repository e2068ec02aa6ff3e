import Table from "cli-table3";

/** Where a command writes: human-readable lines, or with `--json` one JSON document on stdout. */
export interface Output {
  readonly json: boolean;
  /** True when a person watches: progress bars and colours are welcome. */
  readonly interactive: boolean;
  /** Columns of the terminal, 100 when there is none. */
  readonly columns: number;
  /** A line of the result, on stdout; nothing with `--json`. */
  line(text?: string): void;
  /** A line about the progress, on stderr. */
  note(text: string): void;
  /** The result as JSON, on stdout; nothing without `--json`. */
  document(value: unknown): void;
  /** One of many results as JSON on a line of its own, on stdout; nothing without `--json`. */
  documentLine(value: unknown): void;
}

/** The streams that an {@link Output} writes to. */
export interface OutputStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Makes the output of a command. */
export function createOutput({ stdout, stderr }: OutputStreams, json: boolean): Output {
  return {
    json,
    interactive: !json && stderr.isTTY === true,
    columns: stdout.columns ?? 100,
    line(text = "") {
      if (!json) stdout.write(`${text}\n`);
    },
    note(text) {
      stderr.write(`${text}\n`);
    },
    document(value) {
      if (json) stdout.write(`${JSON.stringify(value, jsonSafe, 2)}\n`);
    },
    documentLine(value) {
      if (json) stdout.write(`${JSON.stringify(value, jsonSafe)}\n`);
    },
  };
}

function jsonSafe(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** A plain table: aligned columns, two spaces apart, no frame, so that it reads well and greps well. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const none = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "" };
  const more = { "bottom-left": "", "bottom-right": "", left: "", "left-mid": "", mid: "", "mid-mid": "" };
  const out = new Table({
    head: [...head],
    chars: { ...none, ...more, right: "", "right-mid": "", middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  for (const row of rows) out.push([...row]);
  return out.toString().replace(/ +$/gm, "");
}

/** A byte count for a person: 999 B, 1.2 kB, 3.4 MB. */
export function formatBytes(bytes: number | bigint): string {
  const value = Number(bytes);
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(1)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

/** A duration for a person: 0.4 ms, 12 ms, 3.4 s. */
export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A time for a person, in UTC to the second; "-" when there is none. */
export function formatTime(time: Date | undefined): string {
  return time === undefined ? "-" : `${time.toISOString().slice(0, 19).replace("T", " ")}Z`;
}
