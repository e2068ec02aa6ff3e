import { ConfigError, type ConfigProblem } from "./config-error";
import { textOfVariable } from "./secret-file";
import { standardVariables } from "./standard-variables";
import type { Variable } from "./variable";

/** Variables by the name of their property in the config. */
export type Variables = Readonly<Record<string, Variable<unknown>>>;

/** All that a service can be told by its environment. */
export interface ConfigDefinition<V extends Variables = Variables> {
  readonly service: string;
  readonly variables: V;
}

/** The typed config that a definition yields. */
export type ConfigOf<D> =
  D extends ConfigDefinition<infer V>
    ? { readonly [Key in keyof V]: V[Key] extends Variable<infer T> ? T : never }
    : never;

/**
 * Names the variables of a service.
 *
 * @throws Error when two properties read the same environment variable, or one falls back to a variable that is not there.
 */
export function defineConfig<V extends Variables>(service: string, variables: V): ConfigDefinition<V> {
  const seen = new Set<string>();
  for (const { env, fallback } of Object.values(variables)) {
    if (seen.has(env)) {
      throw new Error(`${service} reads ${env} twice`);
    }
    if (fallback !== undefined && !seen.has(fallback)) {
      throw new Error(`${env} falls back to ${fallback}, which ${service} does not read before it`);
    }
    seen.add(env);
  }
  return { service, variables };
}

/**
 * Reads a service's config, and looks at OpenTelemetry's variables, which its SDK reads. An empty variable counts as not set, as
 * the OpenTelemetry specification has it for its own.
 *
 * @throws ConfigError that lists everything that is wrong, not only the first.
 */
export function loadConfig<V extends Variables>(
  definition: ConfigDefinition<V>,
  env: NodeJS.ProcessEnv,
): ConfigOf<ConfigDefinition<V>> {
  const { config, problems } = readVariables(definition.variables, env);
  const allProblems = [...problems, ...readVariables(standardVariables, env).problems];
  if (allProblems.length > 0) {
    throw new ConfigError(definition.service, allProblems);
  }
  return config;
}

/** Reads variables. The config is complete only when there are no problems. */
export function readVariables<V extends Variables>(
  variables: V,
  env: NodeJS.ProcessEnv,
): { readonly config: ConfigOf<ConfigDefinition<V>>; readonly problems: readonly ConfigProblem[] } {
  const config: Record<string, unknown> = {};
  const valueByEnv = new Map<string, unknown>();
  const problems: ConfigProblem[] = [];
  for (const [property, variable] of Object.entries(variables)) {
    const { text, problem: unreadable } = textOfVariable(variable, env);
    const { value, problem = unreadable } =
      text === undefined ? { value: undefined } : readVariable(variable, text, valueByEnv);
    if (problem !== undefined) {
      problems.push({ env: variable.env, message: problem });
    }
    valueByEnv.set(variable.env, value);
    config[property] = value;
  }
  return { config: config as ConfigOf<ConfigDefinition<V>>, problems };
}

/** A config by environment variable, fit for the log: secrets and passwords in URLs are masked, what is not set is left out. */
export function printableConfig<V extends Variables>(
  definition: ConfigDefinition<V>,
  config: ConfigOf<ConfigDefinition<V>>,
): Record<string, string | number | boolean> {
  const values: Readonly<Record<string, unknown>> = config;
  const printable: Record<string, string | number | boolean> = {};
  for (const [property, variable] of Object.entries(definition.variables)) {
    const value = values[property];
    if (value !== undefined) {
      printable[variable.env] =
        typeof value === "number" || typeof value === "boolean" ? value : variable.mask(variable.format(value));
    }
  }
  return printable;
}

function readVariable(
  variable: Variable<unknown>,
  text: string,
  valueByEnv: ReadonlyMap<string, unknown>,
): { value?: unknown; problem?: string } {
  if (text !== "") {
    const shown = JSON.stringify(variable.mask(text));
    return variable.parse(text) ?? { problem: `${variable.env} is ${shown}: must be ${variable.allowed}` };
  }
  if (variable.required) {
    return { problem: `${variable.env} is not set: must be ${variable.allowed}` };
  }
  // What is wrong with the other variable is reported there.
  return { value: variable.fallback === undefined ? variable.default : valueByEnv.get(variable.fallback) };
}
