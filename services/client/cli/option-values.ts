import { type Command, InvalidArgumentError } from "commander";

/** An option that every command has. */
export interface JsonOption {
  readonly json?: boolean;
}

/** Gives a command the option `--json`, and refuses arguments that it does not know. */
export function withJson(command: Command): Command {
  return command.option("--json", "print one JSON document").allowExcessArguments(false);
}

/** Reads an option's value as a whole number. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`Must be an integer from ${min} to ${max}.`);
    }
    return value;
  };
}

/** Reads an option's value as a number of seconds, up to a day. */
export function seconds(text: string): number {
  return integer(1, 86_400)(text);
}

/** A moment, or so many seconds ago. */
export type Since = { readonly at: Date } | { readonly secondsAgo: number };

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
/** Largest age that the job service takes. */
export const MAX_SECONDS_AGO = 316_224_000;

/** Reads an option's value as a time, such as "2026-11-23" or "2026-11-23T12:00:00Z". */
export function moment(text: string): Date {
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  // A time without an offset is UTC, as all times that are shown.
  const time = new Date(isTime && text.includes("T") && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text);
  if (!isTime || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('Must be a time such as "2026-11-23" or "2026-11-23T12:00:00Z".');
  }
  return time;
}

/** Reads an option's value as a time, or as an age such as "90s", "15m", "12h", "30d" or "2w". */
export function since(text: string): Since {
  const [, count, unit = ""] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  if (count === undefined) {
    try {
      return { at: moment(text) };
    } catch {
      throw new InvalidArgumentError('Must be an age such as "15m", "12h" or "30d", or a time such as "2026-11-23".');
    }
  }
  const secondsAgo = Number(count) * (UNITS[unit] ?? 0);
  if (secondsAgo < 1 || secondsAgo > MAX_SECONDS_AGO) {
    throw new InvalidArgumentError("Must be from one second to ten years.");
  }
  return { secondsAgo };
}
