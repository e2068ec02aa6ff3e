import { maskUrlPassword } from "../logging/redact";
import {
  type Declared,
  makeVariable,
  type Parsed,
  type Variable,
  type VariableKind,
  type VariableOptions,
} from "./variable";

/** Any text but the empty one. */
export function text<Optional extends boolean = false>(
  options: VariableOptions<string, Optional>,
): Variable<Declared<string, Optional>> {
  return makeVariable(options, { allowed: "a text", parse: (value) => ({ value }) });
}

/** A text that is never printed. */
export function secret<Optional extends boolean = false>(
  options: VariableOptions<string, Optional>,
): Variable<Declared<string, Optional>> {
  return makeVariable(options, {
    allowed: "a text",
    isSecret: true,
    parse: (value) => ({ value }),
    mask: () => "****",
  });
}

/** Bounds of a number, both allowed themselves. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A decimal integer within bounds. */
export function integer<Optional extends boolean = false>(
  options: VariableOptions<number, Optional> & Bounds,
): Variable<Declared<number, Optional>> {
  return makeVariable(options, integerKind("an integer", options));
}

/** A part of a whole: a decimal number from 0 to 1. */
export function ratio<Optional extends boolean = false>(
  options: VariableOptions<number, Optional>,
): Variable<Declared<number, Optional>> {
  return makeVariable(options, {
    allowed: "a number from 0 to 1, such as 0.1",
    parse: (value) => (/^(0(\.\d+)?|1(\.0+)?)$/.test(value) ? { value: Number(value) } : undefined),
  });
}

/** A TCP port to listen on. */
export function port<Optional extends boolean = false>(
  options: VariableOptions<number, Optional>,
): Variable<Declared<number, Optional>> {
  return makeVariable(options, integerKind("an integer", { min: 1, max: 65_535 }));
}

/** A duration, given and kept as an integer number of milliseconds; the name of the variable ends with `_MS`. */
export function durationMs<Optional extends boolean = false>(
  options: VariableOptions<number, Optional> & Bounds,
): Variable<Declared<number, Optional>> {
  return makeVariable(options, integerKind("an integer number of milliseconds", options));
}

const BYTES_PER_UNIT = { "": 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** A size in bytes: a plain integer, or one with KiB, MiB or GiB right behind it (`8MiB`). */
export function bytes<Optional extends boolean = false>(
  options: VariableOptions<number, Optional> & Bounds,
): Variable<Declared<number, Optional>> {
  return makeVariable(options, {
    allowed: `a number of bytes, KiB, MiB or GiB (such as 8MiB) from ${sizeText(options.min)} to ${sizeText(options.max)}`,
    format: sizeText,
    parse: (value) => {
      const match = /^(\d{1,15})(|KiB|MiB|GiB)$/.exec(value);
      const unit = match?.[2] as keyof typeof BYTES_PER_UNIT | undefined;
      return unit === undefined ? undefined : within(Number(match?.[1]) * BYTES_PER_UNIT[unit], options);
    },
  });
}

/** `true` or `false`. */
export function flag<Optional extends boolean = false>(
  options: VariableOptions<boolean, Optional>,
): Variable<Declared<boolean, Optional>> {
  return makeVariable(options, {
    allowed: "true or false",
    parse: (value) => (value === "true" || value === "false" ? { value: value === "true" } : undefined),
  });
}

/** One of a few words. */
export function oneOf<const T extends string, Optional extends boolean = false>(
  options: VariableOptions<NoInfer<T>, Optional> & { readonly values: readonly T[] },
): Variable<Declared<T, Optional>> {
  return makeVariable<T, Optional>(options, {
    allowed: `one of ${options.values.join(", ")}`,
    parse: (value) => {
      const found = options.values.find((candidate) => candidate === value);
      return found === undefined ? undefined : { value: found };
    },
  });
}

/** An http or https URL without credentials, query and fragment; kept without a slash at the end. */
export function httpUrl<Optional extends boolean = false>(
  options: VariableOptions<string, Optional>,
): Variable<Declared<string, Optional>> {
  return makeVariable(options, {
    allowed: "an http:// or https:// URL without user, query and fragment, such as http://127.0.0.1:8081",
    parse: (value) => {
      const url = parseUrl(value, ["http:", "https:"]);
      if (url === undefined || url.username !== "" || url.password !== "" || /[?#]/.test(value)) {
        return undefined;
      }
      return { value: url.href.replace(/\/+$/, "") };
    },
    mask: maskUrlPassword,
  });
}

/** A PostgreSQL connection URL that names a database. Its password is masked when printed. */
export function postgresUrl<Optional extends boolean = false>(
  options: VariableOptions<string, Optional>,
): Variable<Declared<string, Optional>> {
  return makeVariable(options, {
    allowed: "a PostgreSQL URL such as postgres://user:password@127.0.0.1:5432/database",
    isSecret: true,
    parse: (value) => {
      const url = parseUrl(value, ["postgres:", "postgresql:"]);
      return url === undefined || url.pathname.length < 2 ? undefined : { value };
    },
    mask: maskUrlPassword,
  });
}

/** An SMTP server, with TLS from the start when the scheme is smtps. Its password is masked when printed. */
export function smtpUrl<Optional extends boolean = false>(
  options: VariableOptions<string, Optional>,
): Variable<Declared<string, Optional>> {
  return makeVariable(options, {
    allowed: "an SMTP URL such as smtp://127.0.0.1:1025 or smtps://user:password@mail.example:465",
    isSecret: true,
    parse: (value) => {
      const url = parseUrl(value, ["smtp:", "smtps:"]);
      const bare = url !== undefined && ["", "/"].includes(url.pathname) && !/[?#]/.test(value);
      return bare ? { value } : undefined;
    },
    mask: maskUrlPassword,
  });
}

function integerKind(what: string, bounds: Bounds): VariableKind<number> {
  return {
    allowed: `${what} from ${bounds.min} to ${bounds.max}`,
    parse: (value) => (/^-?\d{1,15}$/.test(value) ? within(Number(value), bounds) : undefined),
  };
}

function within(value: number, bounds: Bounds): Parsed<number> {
  return value >= bounds.min && value <= bounds.max ? { value } : undefined;
}

function parseUrl(value: string, protocols: readonly string[]): URL | undefined {
  const url = URL.parse(value);
  const usable = url !== null && protocols.includes(url.protocol) && url.hostname !== "" && !/\s/.test(value);
  return usable ? url : undefined;
}

function sizeText(size: number): string {
  for (const unit of ["GiB", "MiB", "KiB"] as const) {
    if (size >= BYTES_PER_UNIT[unit] && size % BYTES_PER_UNIT[unit] === 0) {
      return `${size / BYTES_PER_UNIT[unit]}${unit}`;
    }
  }
  return String(size);
}
