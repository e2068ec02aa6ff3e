/** What {@link Variable.parse} answers: the typed value, or `undefined` when the text is not allowed. */
export type Parsed<T> = { readonly value: T } | undefined;

/** How a builder of variables.ts is told about one environment variable. */
export interface VariableOptions<T, Optional extends boolean> {
  /** Name of the environment variable. */
  readonly env: string;
  /** One sentence for `--help` and docs/configuration.md; units belong in it. */
  readonly description: string;
  /** Value when the variable is not set. Without `default`, `fallback` and `optional` the variable is required. */
  readonly default?: T;
  /** How the default reads in the documentation when its value depends on the machine, such as "the number of cores". */
  readonly defaultText?: string;
  /** Name of another environment variable whose text is taken when this one is not set. */
  readonly fallback?: string;
  /** `true` makes the value `undefined` when the variable is not set. */
  readonly optional?: Optional;
}

/** One environment variable: how it is named, documented, read and printed. Made by the builders of variables.ts. */
export interface Variable<T> {
  readonly env: string;
  readonly description: string;
  /** Completes "must be …". */
  readonly allowed: string;
  readonly required: boolean;
  readonly fallback: string | undefined;
  /** Value when neither the variable nor its fallback is set. */
  readonly default: T | undefined;
  /** The default for readers; empty when there is none. */
  readonly defaultText: string;
  /** Whether the text may also stand in a file, which {@link secretFileVariable} names. */
  readonly isSecret: boolean;
  /** Whether `defaultText` could be given as the variable's text, and does not merely describe it. */
  readonly isDefaultLiteral: boolean;
  /** Reads the text of the variable, which is never empty. */
  parse(text: string): Parsed<T>;
  /** The text that {@link parse} reads as the value. */
  format(value: T): string;
  /** The text as it may be shown: secrets and passwords in URLs are masked. */
  mask(text: string): string;
}

/** The type a variable's value has in the config: `undefined` only for an optional one. */
export type Declared<T, Optional extends boolean> = Optional extends true ? T | undefined : T;

/** What differs between the kinds of variable. */
export interface VariableKind<T> {
  readonly allowed: string;
  /** Whether the text holds a secret, or may hold one. Default: no. */
  readonly isSecret?: boolean;
  parse(text: string): Parsed<T>;
  /** The text that {@link parse} reads as the value. Default: `String(value)`. */
  format?(value: T): string;
  /** Default: shown as it is. */
  mask?(text: string): string;
}

/** Builds a variable of a kind. The builders of variables.ts are thin callers of this; a service may have kinds of its own. */
export function makeVariable<T, Optional extends boolean = false>(
  options: VariableOptions<T, Optional>,
  kind: VariableKind<T>,
): Variable<Declared<T, Optional>> {
  const variable: Variable<T> = {
    env: options.env,
    description: options.description,
    allowed: kind.allowed,
    required: options.default === undefined && options.fallback === undefined && options.optional !== true,
    fallback: options.fallback,
    default: options.default,
    defaultText: options.defaultText ?? defaultText(options, kind),
    isSecret: kind.isSecret ?? false,
    isDefaultLiteral: options.default !== undefined && options.defaultText === undefined,
    parse: kind.parse,
    format: kind.format ?? String,
    mask: kind.mask ?? ((text) => text),
  };
  return variable as Variable<Declared<T, Optional>>;
}

function defaultText<T>(options: VariableOptions<T, boolean>, kind: VariableKind<T>): string {
  if (options.fallback !== undefined) {
    return `the value of ${options.fallback}`;
  }
  return options.default === undefined ? "" : (kind.format ?? String)(options.default);
}
