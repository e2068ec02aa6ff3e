import { readFileSync } from "node:fs";
import type { Variable } from "./variable";

/** Name of the variable that names a file with the text of a secret one, as orchestrators mount secrets. */
export function secretFileVariable({ env }: Pick<Variable<unknown>, "env">): string {
  return `${env}_FILE`;
}

/**
 * The text of a variable: its own, or, of a secret one, what is in the file that {@link secretFileVariable} names. A line
 * break at the end of the file is not part of it.
 *
 * @returns `text` is empty when nothing is set, and undefined when there is a `problem`, which never tells the secret.
 */
export function textOfVariable(
  variable: Pick<Variable<unknown>, "env" | "isSecret">,
  env: NodeJS.ProcessEnv,
): { readonly text?: string; readonly problem?: string } {
  const text = env[variable.env] ?? "";
  const fileVariable = secretFileVariable(variable);
  const file = variable.isSecret ? (env[fileVariable] ?? "") : "";
  if (file === "") return { text };
  if (text !== "") return { problem: `${variable.env} is set twice: directly and by ${fileVariable}` };
  const read = readSecret(file);
  if (read.text === "") return { problem: `${fileVariable} is ${JSON.stringify(file)}: the file is empty` };
  return read.text === undefined
    ? { problem: `${fileVariable} is ${JSON.stringify(file)}: it cannot be read (${read.reason})` }
    : { text: read.text };
}

function readSecret(file: string): { readonly text?: string; readonly reason?: string } {
  try {
    return { text: readFileSync(file, "utf8").replace(/\r?\n$/, "") };
  } catch (error) {
    return { reason: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}
